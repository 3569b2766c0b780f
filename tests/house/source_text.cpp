// SPDX-License-Identifier: BSL-1.0
#include "tests/house/source_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>

namespace causerie::house {
namespace {

bool is_name_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Walks C++ text and replaces what is no code by spaces, line ends excepted.
class blanker {
public:
  explicit blanker(std::string_view text) : text_{text}, out_{text} {}

  std::string run() {
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

private:
  void step() {
    const auto rest = text_.substr(at_);
    if (rest.starts_with("//")) {
      blank_until("\n", /*keep_end=*/true);
    } else if (rest.starts_with("/*")) {
      blank_until("*/", /*keep_end=*/false);
    } else if (rest.starts_with("R\"") && !follows_name()) {
      raw_string();
    } else if (rest.front() == '"' || (rest.front() == '\'' && !follows_name())) {
      literal(rest.front());
    } else {
      ++at_;
    }
  }

  [[nodiscard]] bool follows_name() const { return at_ > 0 && is_name_char(text_[at_ - 1]); }

  void blank(std::size_t to) {
    for (; at_ < to && at_ < text_.size(); ++at_)
      if (text_[at_] != '\n') out_[at_] = ' ';
  }

  void blank_until(std::string_view end, bool keep_end) {
    const auto found = text_.find(end, at_ + 2);
    if (found == std::string_view::npos) return blank(text_.size());
    blank(found + (keep_end ? 0 : end.size()));
  }

  void raw_string() {
    const auto open = text_.find('(', at_);
    if (open == std::string_view::npos) return blank(text_.size());
    const auto end = ")" + std::string{text_.substr(at_ + 2, open - at_ - 2)} + "\"";
    at_ += 2;
    blank_until(end, /*keep_end=*/false);
  }

  void literal(char quote) {
    auto end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n')
      end += text_[end] == '\\' ? 2 : 1;
    ++at_;
    blank(end);
    ++at_;
  }

  std::string_view text_;
  std::string out_;
  std::size_t at_ = 0;
};

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// The include that a line as written holds, if `code` says that the line is one.
void find_include(const std::string& line, const std::string& code, std::size_t number,
                  std::vector<include_line>& includes) {
  const auto hash = code.find_first_not_of(' ');
  if (hash == std::string::npos || code[hash] != '#') return;
  if (!has_word(code, "include")) return;
  const auto open = line.find_first_of("<\"");
  if (open == std::string::npos) return;
  const bool quoted = line[open] == '"';
  const auto close = line.find(quoted ? '"' : '>', open + 1);
  if (close == std::string::npos) return;
  includes.push_back({number, line.substr(open + 1, close - open - 1), quoted});
}

bool is_project_text(const std::filesystem::path& path) {
  static constexpr std::array<std::string_view, 10> endings{".cpp",   ".hpp", ".c",  ".h",   ".md",
                                                            ".cmake", ".txt", ".sh", ".pml", ".in"};
  static constexpr std::array<std::string_view, 2> names{"demo", "test"};
  return std::ranges::count(endings, path.extension().string()) > 0 ||
         std::ranges::count(names, path.filename().string()) > 0;
}

bool skipped(const std::filesystem::path& path) {
  const auto name = path.filename().string();
  return name.starts_with('.') || name == "build" || name.starts_with("build-") || name == "corpus";
}

}  // namespace

bool source_text::is_cpp() const { return path.ends_with(".cpp") || path.ends_with(".hpp"); }
bool source_text::is_header() const { return path.ends_with(".hpp"); }

source_text parse_source(std::string path, std::string_view content) {
  source_text source{std::move(path), split_lines(content), {}, {}};
  if (!source.is_cpp()) {
    source.code = source.lines;
    return source;
  }
  source.code = split_lines(blanker{content}.run());
  for (std::size_t i = 0; i < source.lines.size(); ++i)
    find_include(source.lines[i], source.code[i], i + 1, source.includes);
  return source;
}

std::vector<source_text> read_tree(const std::filesystem::path& root) {
  std::vector<source_text> sources;
  const auto end = std::filesystem::recursive_directory_iterator{};
  for (auto at = std::filesystem::recursive_directory_iterator{root}; at != end; ++at) {
    if (at->is_directory()) {
      if (skipped(at->path())) at.disable_recursion_pending();
    } else if (is_project_text(at->path()) && !skipped(at->path())) {
      std::ifstream file{at->path(), std::ios::binary};
      const std::string content{std::istreambuf_iterator<char>{file}, {}};
      sources.push_back(
          parse_source(at->path().lexically_relative(root).generic_string(), content));
    }
  }
  std::ranges::sort(sources, {}, &source_text::path);
  return sources;
}

bool lies_in(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) &&
         (path.size() == folder.size() || folder.empty() || path[folder.size()] == '/');
}

bool has_word(std::string_view line, std::string_view word) {
  for (auto at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const auto after = at + word.size();
    const bool begins = at == 0 || !is_name_char(word.front()) || !is_name_char(line[at - 1]);
    const bool ends =
        after >= line.size() || !is_name_char(word.back()) || !is_name_char(line[after]);
    if (begins && ends) return true;
  }
  return false;
}

}  // namespace causerie::house
