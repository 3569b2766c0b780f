// SPDX-License-Identifier: BSL-1.0
#include <cstdlib>
#include <iostream>

#include "apps/simulation/search.hpp"
#include "tests/catch.hpp"

using namespace causerie::simulation;

namespace {

search_result search_days(const scenario& today, std::uint64_t count) {
  const char* given = std::getenv("CAUSERIE_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  auto found = search(today, first, given != nullptr ? 1 : count,
                      {.level = 2, .jobs = 2, .repeat_every = 10});
  for (const auto& failed : found.failed) {
    std::cout << failed.replay << "\n";
    for (const auto& words : failed.violations) std::cout << "  " << words << "\n";
  }
  return found;
}

}  // namespace

TEST_CASE("twenty standard days of the shipped actors keep every promise", "[simulation][l2]") {
  const auto found = search_days(scenario{}, 20);
  CHECK(found.failed.empty());
  CHECK(found.vacuous <= found.seeds / 10);
}

TEST_CASE("days on which machines break, and nodes begin other lives, keep every promise",
          "[simulation][l2]") {
  const auto found = search_days(*scenario_named("breakdowns"), 10);
  CHECK(found.failed.empty());
  CHECK(found.sometimes.at("begun again in the same process") >= found.seeds / 2);
}
