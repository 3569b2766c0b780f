// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/gossip_queue.hpp"

#include <algorithm>

#include "tests/catch.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::swim;

namespace {

record_key key(std::uint8_t n) {
  record_key made;
  made.node.octets[0] = n;
  return made;
}

}  // namespace

TEST_CASE("a record is told lambda times the size's digits", "[protocol][gossip_queue]") {
  CHECK(gossip_queue::sends_for(1) == 4);
  CHECK(gossip_queue::sends_for(9) == 4);
  CHECK(gossip_queue::sends_for(10) == 8);
  CHECK(gossip_queue::sends_for(99) == 8);
  CHECK(gossip_queue::sends_for(1000) == 16);
}

TEST_CASE("what has been told least goes first", "[protocol][gossip_queue]") {
  gossip_queue queue;
  queue.put(key(1), gossip_rank::alive);
  CHECK(queue.take(8, 3) == std::vector{key(1)});
  queue.put(key(2), gossip_rank::alive);
  CHECK(queue.take(1, 3) == std::vector{key(2)});
  // Both told once: the newer one first.
  CHECK(queue.take(8, 3) == std::vector{key(2), key(1)});
}

TEST_CASE("refutations overtake accusations told as often", "[protocol][gossip_queue]") {
  gossip_queue queue;
  queue.put(key(4), gossip_rank::presence);
  queue.put(key(2), gossip_rank::alive);
  queue.put(key(3), gossip_rank::accusation);
  queue.put(key(1), gossip_rank::own);
  CHECK(queue.take(4, 9) == std::vector{key(1), key(2), key(3), key(4)});
}

TEST_CASE("old news is dropped, and news of the same record starts anew",
          "[protocol][gossip_queue]") {
  gossip_queue queue;
  queue.put(key(1), gossip_rank::alive);
  for (int i = 0; i < 2; ++i) CHECK(queue.take(8, 3).size() == 1);
  queue.put(key(1), gossip_rank::accusation);
  CHECK(queue.size() == 1);
  for (int i = 0; i < 3; ++i) CHECK(queue.take(8, 3).size() == 1);
  CHECK(queue.empty());
  CHECK(queue.take(8, 3).empty());
}

TEST_CASE("one packet tells a record once", "[protocol][gossip_queue]") {
  gossip_queue queue;
  for (std::uint8_t n = 0; n < 3; ++n) queue.put(key(n), gossip_rank::alive);
  CHECK(queue.take(8, 9).size() == 3);
  CHECK(queue.take(2, 9).size() == 2);
}

TEST_CASE("a storm of accusations leaves half the room to those who defend themselves",
          "[protocol][gossip_queue]") {
  gossip_queue queue;
  queue.put(key(1), gossip_rank::own);
  queue.put(key(2), gossip_rank::alive);
  for (int tick = 0; tick < 5; ++tick) {
    // Ever new accusations, never told before, while the refutations have been told already.
    for (std::uint8_t n = 10; n < 30; ++n) queue.put(key(n), gossip_rank::accusation);
    const auto told = queue.take(8, 9);
    REQUIRE(told.size() == 8);
    CHECK(told[0] == key(1));
    CHECK(told[1] == key(2));
  }
}

TEST_CASE("a storm of refutations leaves the other half to accusations",
          "[protocol][gossip_queue]") {
  gossip_queue queue;
  queue.put(key(1), gossip_rank::accusation);
  for (int tick = 0; tick < 5; ++tick) {
    for (std::uint8_t n = 10; n < 14; ++n) queue.put(key(n), gossip_rank::alive);
    const auto told = queue.take(8, 9);
    CHECK(std::count(told.begin(), told.end(), key(1)) == 1);
  }
}

TEST_CASE("what goes along with probes is told in turn, and no record ends by it",
          "[protocol][gossip_queue]") {
  gossip_queue queue;
  queue.put(key(1), gossip_rank::accusation);
  queue.put(key(2), gossip_rank::accusation);
  CHECK(queue.take_along(1) == std::vector{key(2)});
  CHECK(queue.take_along(1) == std::vector{key(1)});
  for (int i = 0; i < 20; ++i) CHECK(queue.take_along(8).size() == 2);
  for (int i = 0; i < 3; ++i) CHECK(queue.take(8, 3).size() == 2);
  CHECK(queue.empty());
}
