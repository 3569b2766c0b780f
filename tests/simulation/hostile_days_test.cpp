// SPDX-License-Identifier: BSL-1.0
#include <iostream>

#include "apps/simulation/search.hpp"
#include "tests/catch.hpp"

using namespace causerie::simulation;

namespace {

/// Lies are told, dropped and counted; nothing else comes of them.
void live_hostile_days(int level, std::uint64_t count) {
  const auto found =
      search(*scenario_named("hostile"), 1, count, {.level = level, .jobs = 2, .repeat_every = 20});
  for (const auto& failed : found.failed) {
    std::cout << failed.replay << "\n";
    for (const auto& words : failed.violations) std::cout << "  " << words << "\n";
  }
  CHECK(found.failed.empty());
  CHECK(found.vacuous <= count / 10);
  CHECK(found.sometimes.at("lie told") > count * 500);
  CHECK(found.sometimes.at("lie dropped") > found.sometimes.at("lie told") / 3);
}

}  // namespace

TEST_CASE("a node that means harm breaks no promise among the others",
          "[simulation][l1][hostile]") {
  live_hostile_days(1, 40);
}

TEST_CASE("a node that means harm breaks no promise among the shipped actors",
          "[simulation][l2][hostile]") {
  live_hostile_days(2, 8);
}
