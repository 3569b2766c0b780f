// SPDX-License-Identifier: BSL-1.0
#include <cstdlib>
#include <iostream>
#include <string>

#include "apps/simulation/search.hpp"
#include "tests/catch.hpp"

using namespace causerie::simulation;

TEST_CASE("sixty standard days keep every promise", "[simulation][l1]") {
  const char* given = std::getenv("CAUSERIE_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  const auto found = search(scenario{}, first, given != nullptr ? 1 : 60, {.jobs = 2});
  for (const auto& failed : found.failed) {
    std::cout << failed.replay << "\n";
    for (const auto& words : failed.violations) std::cout << "  " << words << "\n";
  }
  CHECK(found.failed.empty());
  CHECK(found.vacuous <= found.seeds / 10);
}
