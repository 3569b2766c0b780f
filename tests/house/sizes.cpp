// SPDX-License-Identifier: BSL-1.0
#include "tests/house/sizes.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <sstream>

namespace causerie::house {
namespace {

/// Reads blanked code brace by brace. Relies on clang-format: a brace that opens a block follows a
/// space, one that initialises a value follows a name, a bracket or an equals sign.
class function_finder {
public:
  explicit function_finder(const source_text& source) : source_{source} {}

  std::vector<function_size> run() {
    for (line_ = 0; line_ < source_.code.size(); ++line_) {
      const auto& code = source_.code[line_];
      if (is_directive(code)) continue;
      for (column_ = 0; column_ < code.size(); ++column_) step(code);
      if (is_macro_line()) head_.clear();
      head_ += ' ';
    }
    return std::move(found_);
  }

private:
  [[nodiscard]] bool is_directive(const std::string& code) const {
    const auto first = code.find_first_not_of(' ');
    if (first != std::string::npos && code[first] == '#') return true;
    // A directive that goes on behind a backslash.
    return line_ > 0 && source_.lines[line_ - 1].ends_with('\\');
  }

  /// `SOME_MACRO(x)` alone on its line opens nothing and ends without a semicolon.
  [[nodiscard]] bool is_macro_line() const {
    const auto begin = head_.find_first_not_of(' ');
    const auto end = head_.find('(');
    if (begin == std::string::npos || end == std::string::npos || head_.back() != ')') return false;
    const auto name = head_.substr(begin, end - begin);
    return std::ranges::count(head_, '(') == std::ranges::count(head_, ')') &&
           std::ranges::all_of(name, [](unsigned char c) { return std::isupper(c) || c == '_'; });
  }

  void step(const std::string& code) {
    const char c = code[column_];
    if (inside_ > 0) {
      if (c == '{') ++inside_;
      if (c == '}' && --inside_ == 0) close();
    } else if (c == '{') {
      open();
    } else if (c == ';' || c == '}') {
      head_.clear();
    } else {
      if (head_.find_first_not_of(' ') == std::string::npos && c != ' ') head_line_ = line_;
      head_ += c;
    }
  }

  void open() {
    const auto last = head_.find_last_not_of(' ');
    const bool after_space = head_.empty() || head_.back() == ' ';
    const bool value = last != std::string::npos && (!after_space || head_[last] == '=');
    const bool function = !value && head_.find('(') != std::string::npos && !is_scope();
    if (!value && !function) {
      head_.clear();  // A namespace, class or enumeration: look inside.
      return;
    }
    counting_ = function;
    opened_ = line_;
    inside_ = 1;
  }

  [[nodiscard]] bool is_scope() const {
    const auto before = std::string_view{head_}.substr(0, head_.find('('));
    for (const auto* word : {"namespace", "class", "struct", "union", "enum"})
      if (has_word(before, word) && !has_word(before, "template")) return true;
    return false;
  }

  void close() {
    if (!counting_) {
      head_ += "{}";
      return;
    }
    found_.push_back({source_.path, name(), opened_ + 1, line_ - opened_ + 1});
    head_.clear();
  }

  /// The name before the first parenthesis; a test's is its sentence.
  [[nodiscard]] std::string name() const {
    const auto end = head_.find('(');
    auto begin = end;
    const auto belongs = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':' || c == '~';
    };
    while (begin > 0 && belongs(head_[begin - 1])) --begin;
    const auto bare = head_.substr(begin, end - begin);
    const auto& written = source_.lines[head_line_];
    const auto quote = written.find('"');
    if (bare == "TEST_CASE" && quote != std::string::npos)
      return written.substr(quote, written.find('"', quote + 1) - quote + 1);
    return bare;
  }

  const source_text& source_;
  std::vector<function_size> found_;
  std::string head_;  // What stands since the last block or statement ended.
  std::size_t head_line_ = 0;
  std::size_t line_ = 0, column_ = 0, opened_ = 0;
  std::size_t inside_ = 0;  // Braces open since a body or an initialiser began.
  bool counting_ = false;
};

/// What the ratchet lets pass: `PATH` or `PATH FUNCTION`, and how many lines.
std::map<std::string, std::size_t> allowances(const source_text& ratchet) {
  std::map<std::string, std::size_t> allowed;
  for (const auto& line : ratchet.lines) {
    const auto space = line.rfind(' ');
    if (line.starts_with('#') || space == std::string::npos) continue;
    std::istringstream number{line.substr(space + 1)};
    number >> allowed[line.substr(0, space)];
  }
  return allowed;
}

}  // namespace

std::vector<function_size> functions_of(const source_text& source) {
  return function_finder{source}.run();
}

std::vector<finding> check_sizes(const std::vector<source_text>& tree, const source_text& ratchet) {
  const auto allowed = allowances(ratchet);
  const auto passes = [&](const std::string& key, std::size_t lines, std::size_t limit) {
    const auto found = allowed.find(key);
    return lines <= std::max(limit, found == allowed.end() ? std::size_t{0} : found->second);
  };
  std::vector<finding> findings;
  for (const auto& source : tree) {
    if (!source.is_cpp()) continue;
    const auto limit = lies_in(source.path, "tests") ? test_file_lines_max : file_lines_max;
    if (!passes(source.path, source.lines.size(), limit))
      findings.push_back(
          {source.path, source.lines.size(), "has more than " + std::to_string(limit) + " lines"});
    for (const auto& function : functions_of(source))
      if (!passes(function.path + " " + function.name, function.lines, function_lines_max))
        findings.push_back(
            {function.path, function.line,
             function.name + " has " + std::to_string(function.lines) + " lines, more than 60"});
  }
  return findings;
}

}  // namespace causerie::house
