// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/ack_ranges.hpp"

#include <rapidcheck.h>

#include <set>

#include "protocol/link/ack_frame.hpp"
#include "tests/catch.hpp"

using namespace causerie::protocol;

namespace {

void require_well_formed(const ack_ranges& ranges) {
  const auto all = ranges.ranges();
  RC_ASSERT(all.size() <= ack_ranges::ranges_max);
  for (std::size_t i = 0; i < all.size(); ++i) {
    RC_ASSERT(all[i].first <= all[i].last);
    if (i != 0) RC_ASSERT(all[i].last + 1 < all[i - 1].first);
  }
}

}  // namespace

TEST_CASE("neighbouring packets become one range", "[protocol][ack_ranges]") {
  ack_ranges ranges;
  for (const packet_number number : {5, 7, 6, 6, 9}) ranges.insert(number);
  CHECK(std::vector(ranges.ranges().begin(), ranges.ranges().end()) ==
        std::vector<packet_range>{{9, 9}, {5, 7}});
  ranges.drop_up_to(6);
  CHECK(ranges.contains(7));
  CHECK_FALSE(ranges.contains(6));
}

TEST_CASE("at most 32 ranges are kept, the newest", "[protocol][ack_ranges]") {
  ack_ranges ranges;
  for (packet_number number = 0; number < 200; number += 2) ranges.insert(number);
  CHECK(ranges.ranges().size() == 32);
  CHECK(ranges.largest() == 198);
  CHECK_FALSE(ranges.contains(0));
}

TEST_CASE("ack ranges agree with a set as far as they reach", "[protocol][ack_ranges]") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& steps) {
    ack_ranges ranges;
    std::set<packet_number> seen;
    packet_number around = 300;
    for (const auto step : steps) {
      const auto number = around + step % 16 - 8;
      if (step > 250) {
        ranges.drop_up_to(number);
        seen.erase(seen.begin(), seen.upper_bound(number));
      } else {
        ranges.insert(number);
        seen.insert(number);
      }
      around += step % 3;
      require_well_formed(ranges);
    }
    // Everything named was seen; everything seen is named, unless it was forgotten for room.
    const auto all = ranges.ranges();
    const auto oldest = all.empty() ? packet_number{0} : all.back().first;
    for (packet_number number = 0; number < around + 20; ++number)
      if (ranges.contains(number))
        RC_ASSERT(seen.count(number) == 1);
      else if (number >= oldest || all.size() < ack_ranges::ranges_max)
        RC_ASSERT(seen.count(number) == 0);
  }));
}

TEST_CASE("an ACK frame carries its ranges there and back", "[protocol][ack_frame]") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& gaps) {
    ack_ranges ranges;
    packet_number number = 0;
    for (const auto gap : gaps) ranges.insert(number += gap % 4);
    if (ranges.empty()) return;
    ack_frame frame;
    frame.name(ranges.ranges(), std::chrono::microseconds{42}, 1000);
    const auto back = wire::decode<ack_frame>(wire::encode(frame));
    RC_ASSERT(back.has_value());
    std::vector<packet_range> read;
    RC_ASSERT(back->read_ranges(read));
    RC_ASSERT(read == std::vector(ranges.ranges().begin(), ranges.ranges().end()));
    RC_ASSERT(back->delay_us == 42u);
  }));
}

TEST_CASE("an ACK frame keeps to its room, newest ranges first", "[protocol][ack_frame]") {
  ack_ranges ranges;
  for (packet_number number = 1'000'000; number < 1'000'200; number += 5) ranges.insert(number);
  ack_frame frame;
  frame.name(ranges.ranges(), duration{}, 20);
  CHECK(wire::encoded_size(frame) <= 20);
  CHECK(frame.largest == 1'000'195);
  CHECK_FALSE(frame.more.empty());
}

TEST_CASE("ranges that run below zero are refused", "[protocol][ack_frame]") {
  std::vector<packet_range> ranges;
  CHECK_FALSE(ack_frame{.largest = 3, .first_length = 4}.read_ranges(ranges));
  CHECK_FALSE(ack_frame{.largest = 5, .first_length = 1, .more = {{3, 0}}}.read_ranges(ranges));
  CHECK_FALSE(ack_frame{.largest = 5, .first_length = 1, .more = {{0, 3}}}.read_ranges(ranges));
  CHECK(ack_frame{.largest = 5, .first_length = 1, .more = {{1, 1}}}.read_ranges(ranges));
  CHECK(ranges == std::vector<packet_range>{{4, 5}, {0, 1}});
  CHECK_FALSE(ack_frame{.largest = ~std::uint64_t{0}}.read_ranges(ranges));
}
