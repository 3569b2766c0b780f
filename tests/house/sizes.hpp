// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/house/source_text.hpp"

namespace causerie::house {

inline constexpr std::size_t file_lines_max = 400;
inline constexpr std::size_t test_file_lines_max = 700;  // One case after another.
inline constexpr std::size_t function_lines_max = 60;

/// A function with a body: from the line of its opening brace to that of its closing one.
struct function_size {
  std::string path;
  std::string name;
  std::size_t line = 0;   ///< Where the body opens, from 1.
  std::size_t lines = 0;  ///< Body included, braces too.
};

/// The functions of a formatted C++ file, lambdas and local classes counted with what holds them.
[[nodiscard]] std::vector<function_size> functions_of(const source_text& source);

/// Files and functions beyond the limits that `ratchet` does not name, or names with fewer lines.
/// Its lines: `PATH LINES` and `PATH FUNCTION LINES`; `#` begins a comment.
[[nodiscard]] std::vector<finding> check_sizes(const std::vector<source_text>& tree,
                                               const source_text& ratchet);

}  // namespace causerie::house
