// SPDX-License-Identifier: BSL-1.0
#include "tests/protocol/channel/channel_schedule.hpp"

#include "tests/catch.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::testing;

namespace {

struct totals {
  std::size_t delivered = 0, unknown = 0, not_sent = 0;
};

totals run_schedules(std::uint64_t base, int count, schedule_options options) {
  totals sum;
  for (int n = 0; n < count; ++n) {
    const auto seed = seed_or(base + static_cast<std::uint64_t>(n));
    channel_schedule schedule{seed, options};
    const auto broken = schedule.run();
    INFO("CAUSERIE_SEED=" << seed);
    REQUIRE(broken == "");
    sum.delivered += schedule.delivered;
    sum.unknown += schedule.unknown;
    sum.not_sent += schedule.not_sent;
  }
  return sum;
}

}  // namespace

TEST_CASE("whatever the carrier loses, everything arrives once, in order, and is told delivered",
          "[protocol][channel]") {
  const auto sum = run_schedules(1'000, 200, {});
  CHECK(sum.delivered > 20'000);
  CHECK(sum.unknown == 0);
  CHECK(sum.not_sent == 0);
}

TEST_CASE("outcomes stay true when deadlines pass", "[protocol][channel]") {
  const auto sum = run_schedules(2'000, 100, {.deadlines = true});
  CHECK(sum.unknown > 0);
  CHECK(sum.not_sent > 0);
}

TEST_CASE("outcomes stay true when nodes are reborn", "[protocol][channel]") {
  const auto sum = run_schedules(3'000, 150, {.lives = true, .deadlines = true});
  CHECK(sum.unknown > 0);
}

TEST_CASE("outcomes stay true when nodes are held dead", "[protocol][channel]") {
  const auto sum = run_schedules(4'000, 100, {.lives = true, .deaths = true, .deadlines = true});
  CHECK(sum.unknown > 0);
  CHECK(sum.not_sent > 0);
}
