// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <vector>

#include "tests/house/source_text.hpp"

namespace causerie::house {

/// Every promise of GUARANTEES.md (an item of a list) names a test that shows it: a link to a file
/// of tests, a colon, and the title of a TEST_CASE in it between double quotes. Several titles of
/// one file may follow each other.
[[nodiscard]] std::vector<finding> check_guarantees(const std::vector<source_text>& tree);

}  // namespace causerie::house
