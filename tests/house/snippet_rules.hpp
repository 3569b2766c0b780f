// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <vector>

#include "tests/house/source_text.hpp"

namespace causerie::house {

/// Code that a page shows is code that is compiled: a block behind `<!-- from PATH -->` stands in
/// the file PATH line by line.
[[nodiscard]] std::vector<finding> check_snippets(const std::vector<source_text>& tree);

}  // namespace causerie::house
