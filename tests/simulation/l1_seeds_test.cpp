// SPDX-License-Identifier: BSL-1.0
#include "tests/catch.hpp"
#include "tests/simulation/seed_days.hpp"

using namespace causerie::simulation;
using test::search_days;

namespace {

const search_options machines{.jobs = 2};

}  // namespace

TEST_CASE("sixty standard days keep every promise", "[simulation][l1]") {
  const auto found = search_days(scenario{}, 60, machines);
  CHECK(found.failed.empty());
  CHECK(found.vacuous <= found.seeds / 10);
}

TEST_CASE("durable processes that are killed all the time keep every promise", "[simulation][l1]") {
  const auto found = search_days(*scenario_named("journal-kills"), 20, machines);
  CHECK(found.failed.empty());
  CHECK(found.sometimes.at("resumed from a journal") >= 10 * found.seeds);
  CHECK(found.sometimes.at("commit interrupted") >= found.seeds);
}

TEST_CASE("where every queue is short a day keeps every promise", "[simulation][l1]") {
  const auto found = search_days(*scenario_named("crowded"), 30, machines);
  CHECK(found.failed.empty());
  for (const auto* point :
       {"member parked", "member shed for room", "send would block", "gap: lagging", "channel full",
        "receiver busy", "message outside the window", "private message outside the window",
        "refused by the group"}) {
    INFO(point);
    CHECK(found.sometimes.at(point) >= 10);
  }
}
