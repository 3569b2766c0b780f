// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/house/source_text.hpp"

namespace causerie::house {

/// What a folder may include. The longest folder that holds a file decides, alone.
struct include_rule {
  std::string_view folder;                  ///< A folder or one file, from the root.
  std::vector<std::string_view> rooms;      ///< Our own folders and headers.
  std::vector<std::string_view> libraries;  ///< First parts of angled includes; std is always in.
};

/// The directions of the house: protocol <- net, protocol <- actors, all <- apps and tests.
[[nodiscard]] const std::vector<include_rule>& include_rules();

/// Every include that its folder may not have.
[[nodiscard]] std::vector<finding> check_directions(const std::vector<source_text>& tree);

/// Public headers, and whatever of ours they include in turn: no fmt, JSON, SQLite or CLI type may
/// meet an embedder, CAF only behind `causerie/caf.hpp`.
[[nodiscard]] std::vector<finding> check_public_headers(const std::vector<source_text>& tree);

/// How often each room includes each other one and each library, for the report.
struct include_count {
  std::string from;
  std::string to;
  std::size_t count = 0;
};
[[nodiscard]] std::vector<include_count> count_includes(const std::vector<source_text>& tree);

}  // namespace causerie::house
