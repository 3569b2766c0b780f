// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/replay_window.hpp"

#include <rapidcheck.h>

#include <set>

#include "tests/catch.hpp"

using namespace causerie::protocol;

TEST_CASE("a packet number is accepted once, within 8128 of the highest",
          "[protocol][replay_window]") {
  replay_window window;
  for (const packet_number number : {0, 1, 9, 8, 7, 8128, 8127, 8129}) {
    REQUIRE(window.fresh(number));
    window.accept(number);
    CHECK_FALSE(window.fresh(number));
  }
  CHECK_FALSE(window.fresh(0));
  CHECK(window.fresh(2));
  window.accept(8128 * 4);
  CHECK(window.fresh(8128 * 3));
  CHECK_FALSE(window.fresh(8128 * 3 - 1));
}

TEST_CASE("the last 8192 packet numbers are never accepted", "[protocol][replay_window]") {
  const replay_window window;
  CHECK(window.fresh(packet_number_end - 1));
  CHECK_FALSE(window.fresh(packet_number_end));
  CHECK_FALSE(window.fresh(~packet_number{0}));
}

TEST_CASE("the replay window agrees with a set", "[protocol][replay_window]") {
  CHECK(rc::check([](std::uint64_t start) {
    replay_window window;
    std::set<packet_number> seen;
    packet_number highest = 0;
    packet_number around = start % (packet_number{1} << 60);
    for (int i = 0; i < 2000; ++i) {
      const auto step = *rc::gen::inRange<std::uint64_t>(0, i % 50 == 0 ? 20'000 : 200);
      const auto number = i % 3 == 0 ? around + step : around - std::min(around, step * 40);
      const bool fresh = (number > highest || highest - number <= replay_window::packets) &&
                         seen.count(number) == 0;
      RC_ASSERT(window.fresh(number) == fresh);
      if (!fresh) continue;
      window.accept(number);
      seen.insert(number);
      highest = std::max(highest, number);
      around = highest;
    }
  }));
}
