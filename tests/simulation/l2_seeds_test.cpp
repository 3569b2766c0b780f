// SPDX-License-Identifier: BSL-1.0
#include <cstdlib>
#include <iostream>

#include "apps/simulation/search.hpp"
#include "tests/catch.hpp"

using namespace causerie::simulation;

TEST_CASE("twenty standard days of the shipped actors keep every promise", "[simulation][l2]") {
  const char* given = std::getenv("CAUSERIE_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  const auto found = search(scenario{}, first, given != nullptr ? 1 : 20,
                            {.level = 2, .jobs = 2, .repeat_every = 10});
  for (const auto& failed : found.failed) {
    std::cout << failed.replay << "\n";
    for (const auto& words : failed.violations) std::cout << "  " << words << "\n";
  }
  CHECK(found.failed.empty());
  CHECK(found.vacuous <= found.seeds / 10);
}
