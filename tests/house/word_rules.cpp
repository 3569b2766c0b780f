// SPDX-License-Identifier: BSL-1.0
#include "tests/house/word_rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <string>

namespace causerie::house {
namespace {

constexpr std::size_t readme_lines_max = 30;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash);
}

/// The name declared after the template arguments that begin at `at`: `<a, b<c>> name` -> `name`.
std::string declared_name(std::string_view line, std::size_t at) {
  int depth = 0;
  for (; at < line.size(); ++at) {
    if (line[at] == '<') ++depth;
    if (line[at] == '>' && --depth == 0) break;
  }
  const auto is_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  const auto begin = std::find_if(
      line.begin() + static_cast<std::ptrdiff_t>(std::min(at, line.size())), line.end(), is_name);
  return {begin, std::find_if_not(begin, line.end(), is_name)};
}

/// Whether `line` walks over `name`: a range-for, or its begin().
bool walks(std::string_view line, const std::string& name) {
  if (has_word(line, name + ".begin(")) return true;
  return has_word(line, "for") && (has_word(line, ": " + name + ")") ||
                                   line.find("." + name + ")") != std::string_view::npos);
}

bool is_source(const source_text& source) {
  return source.is_cpp() || source.path.ends_with(".cmake") || source.path.ends_with(".sh") ||
         source.path.ends_with("CMakeLists.txt") || source.path == "demo" || source.path == "test";
}

/// The capital page that `line` names, such as CHANGELOG with its ending, or nothing.
std::string page_named(std::string_view line) {
  static const std::string ending{".md"};
  const auto end = line.find(ending);
  if (end == std::string_view::npos) return {};
  auto begin = end;
  const auto belongs = [](char c) {
    return std::isupper(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  };
  while (begin > 0 && belongs(line[begin - 1])) --begin;
  return begin == end ? std::string{} : std::string{line.substr(begin, end - begin)} + ending;
}

std::set<std::string> page_names(const std::vector<source_text>& tree) {
  std::set<std::string> names;
  for (const auto& source : tree)
    if (source.path.ends_with(".md")) names.insert(source.path.substr(source.path.rfind('/') + 1));
  return names;
}

}  // namespace

const std::vector<banned_word>& banned_words() {
  static const std::vector<banned_word> words{
      {"protocol", "::now(", "time is an argument"},
      {"protocol", "system_clock", "time is an argument"},
      {"protocol", "steady_clock", "time is an argument"},
      {"protocol", "random_device", "chance is an argument"},
      {"protocol", "mt19937", "protocol/random.hpp is the same on every machine"},
      {"protocol", "thread", "machines run in whoever calls them"},
      {"protocol", "thread_local", "no globals", "protocol/planted.hpp"},
      {"protocol", "mutex", "machines run in whoever calls them"},
      {"protocol", "atomic", "machines run in whoever calls them"},
      {"protocol", "condition_variable", "machines run in whoever calls them"},
      {"protocol", "asio", "machines know no engine"},
      {"protocol", "caf", "machines know no engine"},
      {"protocol", "socket", "machines know no network"},
      {"protocol", "throw", "errors are values", "protocol/assert.cpp"},
      {"protocol", "catch", "errors are values"},
      {"protocol", "getenv", "settings are arguments"},
      {"protocol", "cout", "machines do not talk to people"},
      {"protocol", "cerr", "machines do not talk to people"},
      {"journal", "::now(", "time is an argument"},
      {"journal", "random_device", "chance is an argument"},
      {"journal", "thread", "a journal runs in whoever calls it"},
      {"journal", "mutex", "a journal runs in whoever calls it"},
      {"journal", "asio", "a journal knows no engine"},
      {"journal", "caf", "a journal knows no engine"},
      {"journal", "throw", "errors are values", "journal/sqlite"},
      {"tests/protocol", "sleep_for", "tests wait for a condition or move the clock"},
      {"tests/actors", "sleep_for", "tests wait for a condition or move the clock"},
      {"tests/simulation", "sleep_for", "tests wait for a condition or move the clock"},
      {"tests/protocol", "random_device", "a failing seed must be repeatable"},
      {"tests/simulation", "random_device", "a failing seed must be repeatable"},
  };
  return words;
}

std::vector<finding> check_words(const std::vector<source_text>& tree) {
  std::vector<finding> findings;
  for (const auto& source : tree) {
    if (!source.is_cpp()) continue;
    for (const auto& rule : banned_words()) {
      if (!lies_in(source.path, rule.folder)) continue;
      if (!rule.except.empty() && lies_in(source.path, rule.except)) continue;
      for (std::size_t i = 0; i < source.code.size(); ++i)
        if (has_word(source.code[i], rule.word))
          findings.push_back(
              {source.path, i + 1, "'" + std::string{rule.word} + "': " + std::string{rule.why}});
    }
  }
  return findings;
}

std::vector<finding> check_unordered(const std::vector<source_text>& tree) {
  // Members are declared in one file and walked in another: names count for their whole folder.
  std::map<std::string, std::set<std::string>> unordered;
  for (const auto& source : tree) {
    if (!source.is_cpp() || !lies_in(source.path, "protocol")) continue;
    for (const auto& line : source.code)
      if (const auto at = line.find("unordered_"); at != std::string::npos)
        if (const auto name = declared_name(line, at); !name.empty())
          unordered[folder_of(source.path)].insert(name);
  }
  std::vector<finding> findings;
  for (const auto& source : tree) {
    const auto names = unordered.find(folder_of(source.path));
    if (!source.is_cpp() || names == unordered.end()) continue;
    for (std::size_t i = 0; i < source.code.size(); ++i)
      for (const auto& name : names->second)
        if (walks(source.code[i], name))
          findings.push_back({source.path, i + 1, "walks over the unordered '" + name + "'"});
  }
  return findings;
}

std::vector<finding> check_licence(const std::vector<source_text>& tree) {
  std::vector<finding> findings;
  for (const auto& source : tree) {
    if (!is_source(source)) continue;
    const bool script = !source.lines.empty() && source.lines.front().starts_with("#!");
    const std::size_t expected = script ? 1 : 0;
    if (source.lines.size() <= expected ||
        source.lines[expected].find("SPDX-License-Identifier: BSL-1.0") == std::string::npos)
      findings.push_back({source.path, expected + 1, "no SPDX-License-Identifier: BSL-1.0"});
  }
  return findings;
}

std::vector<finding> check_standing_alone(const std::vector<source_text>& tree) {
  // In pieces, or this file would object to itself.
  static const std::array<std::string, 2> machine_paths{std::string{"/"} + "work/",
                                                        std::string{"/"} + "root/"};
  static const std::array<std::string, 3> marks{std::string{"TO"} + "DO", std::string{"FIX"} + "ME",
                                                std::string{"X"} + "XX"};
  const auto pages = page_names(tree);
  std::vector<finding> findings;
  for (const auto& source : tree)
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const auto& line = source.lines[i];
      for (const auto& path : machine_paths)
        if (line.find(path) != std::string::npos)
          findings.push_back({source.path, i + 1, "names a path of one machine: " + path});
      for (const auto& mark : marks)
        if (has_word(line, mark))
          findings.push_back({source.path, i + 1, "is unfinished: " + mark});
      const auto page = page_named(line);
      if (!page.empty() && !pages.contains(page))
        findings.push_back({source.path, i + 1, "names a page that is not here: " + page});
    }
  return findings;
}

std::vector<finding> check_readmes(const std::vector<source_text>& tree) {
  std::map<std::string, std::size_t> readmes;  // Folder and how long its README is.
  std::set<std::string> folders;
  for (const auto& source : tree) {
    const auto folder = folder_of(source.path);
    if (source.path.ends_with("README.md")) readmes[folder] = source.lines.size();
    if (source.is_cpp() && !folder.empty()) folders.insert(folder);
  }
  std::vector<finding> findings;
  for (const auto& folder : folders) {
    const bool mirror = folder.starts_with("tests/") && folders.contains(folder.substr(6));
    const auto readme = readmes.find(folder);
    if (readme != readmes.end() && readme->second > readme_lines_max)
      findings.push_back({folder + "/README.md", readme->second, "is longer than 30 lines"});
    if (readme == readmes.end() && !mirror && !lies_in(folder, "actors/include"))
      findings.push_back({folder + "/README.md", 0,
                          "is missing: what lives here, what it may include, where to start"});
  }
  return findings;
}

}  // namespace causerie::house
