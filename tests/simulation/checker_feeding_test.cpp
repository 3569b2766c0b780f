// SPDX-License-Identifier: BSL-1.0
#include <array>
#include <cstdlib>

#include "apps/simulation/node_clock.hpp"
#include "apps/simulation/run_seed.hpp"
#include "tests/catch.hpp"

using namespace causerie::simulation;

TEST_CASE("the checker is fed by every node of a day", "[simulation]") {
  const auto day = run_seed(scenario{}, 3);
  REQUIRE(day.verdict.rows.size() >= 2);
  CHECK(day.verdict.survivors >= 2);
  for (const auto& row : day.verdict.rows) {
    CHECK(row.delivered > 0);
    CHECK(row.private_sent > 0);
  }
  CHECK(day.delivered == day.verdict.deliveries + day.verdict.private_deliveries);
}

TEST_CASE("a node's clock tells the world's time again", "[simulation]") {
  for (const std::int64_t drift : std::array<std::int64_t, 3>{-200, 0, 200})
    for (const std::int64_t skew :
         std::array<std::int64_t, 3>{-25'000'000'000, 0, 25'000'000'000}) {
      const node_clock clock{.skew_ns = skew, .drift_ppm = drift};
      for (const std::int64_t world :
           std::array<std::int64_t, 5>{0, 1, 999'999, 1'000'000, 123'456'789'012}) {
        const auto found = clock.world(clock.local(world));
        CHECK(clock.local(found) >= clock.local(world));
        CHECK(std::abs(found - world) <= 300);
      }
    }
}
