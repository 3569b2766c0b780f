// SPDX-License-Identifier: BSL-1.0
#include "protocol/channel/channel_flight.hpp"

#include <set>

#include "protocol/random.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/channel/channel_world.hpp"

using namespace causerie::protocol;
using namespace std::chrono_literals;

namespace {
channel_range messages(sequence first, sequence end) { return {{first, 0}, {end, 0}}; }
const instant start{};
}  // namespace

TEST_CASE("a frame that the link delivered and the receiver never covers is lost",
          "[protocol][channel_flight]") {
  channel_flight flight;
  channel_coverage coverage;
  const auto number = flight.add(messages(1, 4), 100);
  CHECK(flight.bytes_in_link() == 100);
  CHECK_FALSE(flight.lost(coverage, start + 1h, 100ms));  // Still in the link's hands.
  flight.on_link_acked(number, start + 100ms);
  CHECK(flight.bytes_in_link() == 0);
  CHECK_FALSE(flight.lost(coverage, start + 99ms, 100ms));
  CHECK(flight.lost(coverage, start + 100ms, 100ms) == messages(1, 4));
  CHECK(flight.empty());
}

TEST_CASE("a covered frame is never lost", "[protocol][channel_flight]") {
  channel_flight flight;
  channel_coverage coverage;
  for (sequence seq = 1; seq <= 3; ++seq)
    flight.on_link_acked(flight.add(messages(seq, seq + 1), 10), start);
  coverage.update({2, 0}, {messages(3, 4)});
  flight.on_covered(coverage);
  CHECK(flight.lost(coverage, start, 100ms) == messages(2, 3));
  CHECK_FALSE(flight.lost(coverage, start, 100ms));
}

TEST_CASE("a refused frame gives its range back, once", "[protocol][channel_flight]") {
  channel_flight flight;
  const auto number = flight.add(messages(1, 2), 10);
  CHECK(flight.on_refused(number) == messages(1, 2));
  CHECK_FALSE(flight.on_refused(number));
  CHECK_FALSE(flight.on_refused(number + 1));
}

TEST_CASE("what is missing is the complement of what is held", "[protocol][channel_flight]") {
  auto seed = testing::seed_or(11);
  CAPTURE(seed);
  random_source chance{seed};
  for (int round = 0; round < 500; ++round) {
    std::set<sequence> held;
    for (sequence seq = 1; seq <= 40; ++seq)
      if (chance.chance(0.5)) held.insert(seq);
    channel_position next;
    while (held.count(next.seq) != 0) ++next.seq;
    std::vector<channel_range> sacks;
    for (auto seq = next.seq; seq <= 40; ++seq) {
      if (held.count(seq) == 0) continue;
      if (!sacks.empty() && sacks.back().end.seq == seq)
        ++sacks.back().end.seq;
      else
        sacks.push_back(messages(seq, seq + 1));
    }
    channel_coverage coverage;
    coverage.update(next, sacks);
    const auto end = 1 + chance.below(42);
    std::set<sequence> missing;
    for (const auto& range : coverage.missing_before({end, 0}))
      for (auto seq = range.begin.seq; seq < range.end.seq; ++seq) missing.insert(seq);
    for (sequence seq = 1; seq <= 42; ++seq)
      CHECK((missing.count(seq) != 0) == (seq < end && held.count(seq) == 0));
  }
}

TEST_CASE("what an ack has no room to name is suspected on, not lost",
          "[protocol][channel_flight]") {
  channel_flight flight;
  channel_coverage coverage;
  std::vector<channel_range> sacks;
  for (sequence i = 1; i <= channel_sacks_max; ++i) sacks.push_back(messages(2 * i, 2 * i + 1));
  const auto beyond = sacks.back().end.seq + 5;
  coverage.update({1, 0}, sacks);
  flight.on_link_acked(flight.add(messages(beyond, beyond + 1), 10), start);
  CHECK_FALSE(flight.lost(coverage, start, 100ms));
  CHECK(flight.next_due() == start + 100ms);
  CHECK(coverage.missing_before({beyond, 0}).back() ==
        messages(2 * channel_sacks_max - 1, 2 * channel_sacks_max));
  sacks.pop_back();
  coverage.update({1, 0}, sacks);
  CHECK(flight.lost(coverage, start + 100ms, 100ms) == messages(beyond, beyond + 1));
}
