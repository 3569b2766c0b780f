// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "apps/simulation/search.hpp"

/// Searches of tests: what failed is printed with the command that replays it.
namespace causerie::simulation::test {

/// Plays `count` days of `today` from seed 1 on, or with CAUSERIE_SEED in the environment that seed
/// alone.
inline search_result search_days(const scenario& today, std::uint64_t count,
                                 const search_options& how) {
  const char* given = std::getenv("CAUSERIE_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  auto found = search(today, first, given != nullptr ? 1 : count, how);
  for (const auto& failed : found.failed) {
    std::cout << failed.replay << "\n";
    for (const auto& words : failed.violations) std::cout << "  " << words << "\n";
  }
  return found;
}

}  // namespace causerie::simulation::test
