// SPDX-License-Identifier: BSL-1.0
#include "tests/catch.hpp"
#include "tests/simulation/seed_days.hpp"

using namespace causerie::simulation;
using test::search_days;

namespace {

const search_options actors{.level = 2, .jobs = 2, .repeat_every = 10};

}  // namespace

TEST_CASE("twenty standard days of the shipped actors keep every promise", "[simulation][l2]") {
  const auto found = search_days(scenario{}, 20, actors);
  CHECK(found.failed.empty());
  CHECK(found.vacuous <= found.seeds / 10);
}

TEST_CASE("days on which machines break, and nodes begin other lives, keep every promise",
          "[simulation][l2]") {
  const auto found = search_days(*scenario_named("breakdowns"), 10, actors);
  CHECK(found.failed.empty());
  CHECK(found.sometimes.at("begun again in the same process") >= found.seeds / 2);
}
