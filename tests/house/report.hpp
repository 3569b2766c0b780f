// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <vector>

#include "tests/house/source_text.hpp"

namespace causerie::house {

/// For a reader who wants to judge the house: lines per room, the longest files and functions,
/// which room includes what.
[[nodiscard]] std::string report(const std::vector<source_text>& tree);

}  // namespace causerie::house
