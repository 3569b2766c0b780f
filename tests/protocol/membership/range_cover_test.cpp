// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/range_cover.hpp"

#include "protocol/random.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/membership/swim_cluster.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::swim;

namespace {

record_key key(std::uint8_t n) {
  record_key made;
  made.node.octets[0] = n;
  return made;
}

}  // namespace

TEST_CASE("ranges add up to everything in any order", "[protocol][range_cover]") {
  range_cover cover;
  CHECK(cover.missing(4) == std::vector{key_range::all()});
  CHECK(cover.add({key(5), key(9)}));
  CHECK_FALSE(cover.add({key(6), key(8)}));
  CHECK(cover.missing(4) ==
        std::vector{key_range{key(0), key(5)}, key_range{key(9), record_key::end()}});
  CHECK(cover.missing(1).size() == 1);
  CHECK(cover.add({key(9), record_key::end()}));
  CHECK_FALSE(cover.complete());
  CHECK(cover.add({record_key{}, key(7)}));
  CHECK(cover.complete());
  CHECK(cover.missing(4).empty());
}

TEST_CASE("a cover agrees with a set of covered slots", "[protocol][range_cover]") {
  const auto seed = test::seed_or(1);
  CAPTURE(seed);
  random_source random{seed};
  for (int round = 0; round < 300; ++round) {
    range_cover cover;
    std::array<bool, 40> slots{};
    for (int step = 0; step < 25; ++step) {
      const auto first = random.below(39);
      const auto end = random.between(first + 1, 39);
      auto news = false;
      for (auto slot = first; slot < end; ++slot) news |= !std::exchange(slots[slot], true);
      CHECK(cover.add({key(static_cast<std::uint8_t>(first)),
                       key(static_cast<std::uint8_t>(end))}) == news);
    }
    const auto missing = cover.missing(99);
    for (std::uint8_t slot = 0; slot < 40; ++slot) {
      const auto is_missing = std::any_of(missing.begin(), missing.end(), [&](const auto& range) {
        return range.contains(key(slot));
      });
      REQUIRE(is_missing != slots[slot]);
    }
  }
}

TEST_CASE("a cover does not grow without bound", "[protocol][range_cover]") {
  range_cover cover;
  for (unsigned i = 0; i < 4000; ++i) {
    record_key first, end;
    first.node.octets[0] = end.node.octets[0] = static_cast<std::uint8_t>(i / 16);
    first.node.octets[1] = static_cast<std::uint8_t>(i % 16 * 16);
    end.node.octets[1] = static_cast<std::uint8_t>(i % 16 * 16 + 1);
    (void)cover.add({first, end});
  }
  CHECK(cover.missing(9999).size() <= range_cover::ranges_max + 1);
}
