// SPDX-License-Identifier: BSL-1.0
#include "tests/catch.hpp"
#include "tests/simulation/seed_days.hpp"

using namespace causerie::simulation;

namespace {

/// Lies are told, dropped and counted; nothing else comes of them.
void live_hostile_days(int level, std::uint64_t count) {
  const auto found = test::search_days(*scenario_named("hostile"), count,
                                       {.level = level, .jobs = 2, .repeat_every = 20});
  CHECK(found.failed.empty());
  CHECK(found.vacuous <= found.seeds / 10);
  CHECK(found.sometimes.at("lie told") > found.seeds * 500);
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
