// SPDX-License-Identifier: BSL-1.0
#include "tests/house/report.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "tests/house/include_rules.hpp"
#include "tests/house/sizes.hpp"

namespace causerie::house {
namespace {

struct line_count {
  std::size_t files = 0, code = 0, comment = 0, blank = 0, functions = 0;
};

bool is_blank(const std::string& line) { return line.find_first_not_of(' ') == std::string::npos; }

/// `protocol/causal/x.cpp` -> `protocol/causal`; `tests/protocol/causal/x.cpp` -> `tests/protocol`.
std::string room_of(const std::string& path) {
  const auto folder = path.substr(0, path.rfind('/'));
  const auto second = folder.find('/');
  if (second == std::string::npos) return folder;
  return folder.substr(0, folder.find('/', second + 1));
}

line_count count(const source_text& source) {
  line_count counted;
  counted.files = 1;
  counted.functions = functions_of(source).size();
  for (std::size_t i = 0; i < source.lines.size(); ++i) {
    if (is_blank(source.lines[i]))
      ++counted.blank;
    else if (is_blank(source.code[i]))
      ++counted.comment;
    else
      ++counted.code;
  }
  return counted;
}

void add(line_count& sum, const line_count& more) {
  sum.files += more.files;
  sum.code += more.code;
  sum.comment += more.comment;
  sum.blank += more.blank;
  sum.functions += more.functions;
}

std::string row(const std::string& name, const line_count& counted) {
  return fmt::format("{:<24}{:>7}{:>9}{:>9}{:>9}{:>11}\n", name, counted.files, counted.code,
                     counted.comment, counted.blank, counted.functions);
}

std::string rooms(const std::vector<source_text>& tree) {
  std::map<std::string, line_count> counts;
  line_count shipped, tests;
  for (const auto& source : tree) {
    if (!source.is_cpp()) continue;
    const auto counted = count(source);
    add(counts[room_of(source.path)], counted);
    add(lies_in(source.path, "tests") ? tests : shipped, counted);
  }
  auto text = fmt::format("{:<24}{:>7}{:>9}{:>9}{:>9}{:>11}\n", "room", "files", "code", "comment",
                          "blank", "functions");
  for (const auto& [name, counted] : counts) text += row(name, counted);
  return text + row("= what ships", shipped) + row("= tests", tests);
}

std::string longest_files(const std::vector<source_text>& tree) {
  std::vector<const source_text*> files;
  for (const auto& source : tree)
    if (source.is_cpp()) files.push_back(&source);
  std::ranges::sort(files, std::ranges::greater{},
                    [](const source_text* file) { return file->lines.size(); });
  if (files.size() > 10) files.resize(10);
  std::string text = "\nlongest files\n";
  for (const auto* file : files) text += fmt::format("{:>6}  {}\n", file->lines.size(), file->path);
  return text;
}

std::string longest_functions(const std::vector<source_text>& tree) {
  std::vector<function_size> functions;
  for (const auto& source : tree) {
    if (!source.is_cpp() || lies_in(source.path, "tests")) continue;
    const auto more = functions_of(source);
    functions.insert(functions.end(), more.begin(), more.end());
  }
  if (functions.empty()) return {};
  std::ranges::sort(functions, std::ranges::greater{}, &function_size::lines);
  auto text = fmt::format("\nlongest functions of what ships (median {} lines)\n",
                          functions[functions.size() / 2].lines);
  if (functions.size() > 10) functions.resize(10);
  for (const auto& function : functions)
    text += fmt::format("{:>6}  {}:{} {}\n", function.lines, function.path, function.line,
                        function.name);
  return text;
}

std::string directions(const std::vector<source_text>& tree) {
  std::string text = "\nwho includes whom (std left out)\n", from;
  for (const auto& edge : count_includes(tree)) {
    if (edge.from != from) text += fmt::format("{}{:<10}", from.empty() ? "" : "\n", edge.from);
    from = edge.from;
    text += fmt::format(" {} {}", edge.to, edge.count);
  }
  const auto findings = check_directions(tree);
  text += fmt::format("\nincludes against the directions of the house: {}\n", findings.size());
  return text;
}

}  // namespace

std::string report(const std::vector<source_text>& tree) {
  return rooms(tree) + longest_files(tree) + longest_functions(tree) + directions(tree);
}

}  // namespace causerie::house
