// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace causerie::house {

/// One `#include` of a file.
struct include_line {
  std::size_t line = 0;  ///< From 1.
  std::string target;    ///< What stands between the quotes or angles.
  bool quoted = false;
};

/// A file of the tree, twice: as written, and as the compiler reads it.
struct source_text {
  std::string path;                ///< From the root, with forward slashes.
  std::vector<std::string> lines;  ///< As written.
  std::vector<std::string> code;   ///< Same shape; comments and insides of literals are spaces.
  std::vector<include_line> includes;

  [[nodiscard]] bool is_cpp() const;
  [[nodiscard]] bool is_header() const;
};

/// Something a rule objects to.
struct finding {
  std::string path;
  std::size_t line = 0;  ///< From 1; 0: the file as a whole.
  std::string why;
};

[[nodiscard]] source_text parse_source(std::string path, std::string_view content);

/// Every text file of the project under `root`, ordered by path. Build folders and whatever begins
/// with a dot are left out.
[[nodiscard]] std::vector<source_text> read_tree(const std::filesystem::path& root);

/// Whether `path` is `folder` or lies in it.
[[nodiscard]] bool lies_in(std::string_view path, std::string_view folder);

/// Whether `word` stands in `line` with no letter, digit or underscore continuing it at an end
/// where it has one itself.
[[nodiscard]] bool has_word(std::string_view line, std::string_view word);

}  // namespace causerie::house
