// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace causerie::apps {

/// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other
/// (optimal string alignment; Damerau 1964). O(n*m).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `text` was probably meant to be; empty when none is near (a third of the
/// letters, at least two, may differ).
[[nodiscard]] std::string_view nearest(std::string_view text,
                                       std::span<const std::string_view> candidates);

}  // namespace causerie::apps
