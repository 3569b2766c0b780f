// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string_view>
#include <vector>

#include "tests/house/source_text.hpp"

namespace causerie::house {

/// A word that the code of a folder does without.
struct banned_word {
  std::string_view folder;
  std::string_view word;
  std::string_view why;
  std::string_view except = {};  ///< The one file or folder that may.
};

[[nodiscard]] const std::vector<banned_word>& banned_words();

/// Banned words in code; comments and literals may say anything.
[[nodiscard]] std::vector<finding> check_words(const std::vector<source_text>& tree);

/// Loops over unordered containers in protocol/: their order would reach the wire, and differ
/// between two runs of one seed. Looking things up in them is fine.
[[nodiscard]] std::vector<finding> check_unordered(const std::vector<source_text>& tree);

/// The licence line at the top of every source file.
[[nodiscard]] std::vector<finding> check_licence(const std::vector<source_text>& tree);

/// Text that only makes sense where it was written: absolute paths of some machine, pages that are
/// not in the tree, marks of unfinished work.
[[nodiscard]] std::vector<finding> check_standing_alone(const std::vector<source_text>& tree);

/// A README.md of at most 30 lines in every folder of code; a folder of tests that
/// mirrors one needs none, nor do the public headers.
[[nodiscard]] std::vector<finding> check_readmes(const std::vector<source_text>& tree);

}  // namespace causerie::house
