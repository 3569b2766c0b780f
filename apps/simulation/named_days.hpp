// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace causerie::simulation {

/// A seed that once broke a promise, or that shows something rare: kept by name, and lived by every
/// run of the tests (`causerie sim run --named NAME`). A change of what days draw makes it another
/// day: then it gets another seed that shows the same (`reached_first` of a search names one).
struct named_day {
  std::string_view name;
  std::string_view why;
  int level = 1;
  std::uint64_t seed = 0;
  std::string_view point;  ///< Of `sometimes_points`: the day must reach it.
  std::string_view scenario = "standard";
};

[[nodiscard]] std::span<const named_day> named_days() noexcept;
/// None: there is no such day.
[[nodiscard]] const named_day* find_named_day(std::string_view name) noexcept;
[[nodiscard]] std::vector<std::string_view> named_day_names();

}  // namespace causerie::simulation
