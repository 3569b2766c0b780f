// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/suspicion.hpp"

#include "protocol/membership/suspect_list.hpp"
#include "tests/catch.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::swim;
using namespace std::chrono_literals;

namespace {

node_id node(std::uint8_t n) {
  node_id id;
  id.octets[0] = n;
  return id;
}

constexpr instant start{100s};

accusation by(std::uint8_t n, bool refused = false) { return {node(n), refused}; }

double seconds(duration span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

TEST_CASE("the suspicion timeout falls with each confirmation as memberlist's does",
          "[protocol][suspicion]") {
  // memberlist, suspicion_test.go: min 2 s, max 30 s, k = 3.
  const suspicion_bounds bounds{2s, 30s, 3};
  CHECK(seconds(suspicion_timeout(bounds, 0)) == Approx(30));
  CHECK(seconds(suspicion_timeout(bounds, 1)) == Approx(16));
  CHECK(seconds(suspicion_timeout(bounds, 2)) == Approx(7.81).margin(0.001));
  CHECK(suspicion_timeout(bounds, 3) == 2s);
  CHECK(suspicion_timeout(bounds, 9) == 2s);
}

TEST_CASE("suspicion grows with the logarithm of the cluster", "[protocol][suspicion]") {
  const membership_config config;
  CHECK(bounds_for(config, 1).min == 4s);
  CHECK(bounds_for(config, 10).min == 4s);
  CHECK(bounds_for(config, 10).max == 24s);
  CHECK(bounds_for(config, 100).min == 8s);
  CHECK(bounds_for(config, 1000).min == 12s);
  CHECK(bounds_for(config, 1000).max == 72s);
}

TEST_CASE("where nobody else could confirm, the wait is the minimum at once",
          "[protocol][suspicion]") {
  const membership_config config;
  CHECK(bounds_for(config, 2).confirmations == 0);
  CHECK(bounds_for(config, 3).confirmations == 0);
  CHECK(bounds_for(config, 4).confirmations == 2);
  CHECK(suspicion_timeout(bounds_for(config, 3), 0) == 4s);
}

TEST_CASE("only distinct accusers confirm, and no more than asked for", "[protocol][suspicion]") {
  suspicion running{by(1), {4s, 24s, 2}, start};
  CHECK(running.deadline() == start + 24s);
  CHECK_FALSE(running.confirm(by(1)));
  CHECK(running.confirm(by(2)));
  CHECK_FALSE(running.confirm(by(2)));
  CHECK(running.confirm(by(3)));
  CHECK(running.deadline() == start + 4s);
  CHECK_FALSE(running.confirm(by(4)));
  CHECK(running.accused_by(node(3)));
  CHECK_FALSE(running.accused_by(node(4)));
}

TEST_CASE("gossip names each accuser in turn", "[protocol][suspicion]") {
  suspicion running{by(1), {4s, 24s, 2}, start};
  CHECK(running.next_accusation() == by(1));
  CHECK(running.confirm(by(2)));
  CHECK(running.next_accusation() == by(2));
  CHECK(running.next_accusation() == by(1));
  CHECK(running.next_accusation() == by(2));
}

TEST_CASE("time spent away does not count against a suspect", "[protocol][suspicion]") {
  suspect_list suspects;
  suspects.start(node(1), suspicion{by(9), {4s, 24s, 0}, start});
  suspects.start(node(2), suspicion{by(9), {5s, 24s, 0}, start});
  CHECK(suspects.earliest() == start + 4s);
  CHECK(suspects.expired(start + 4s) == std::vector{node(1)});
  suspects.shift(10s);
  CHECK(suspects.expired(start + 13s).empty());
  CHECK(suspects.earliest() == start + 14s);
  suspects.extend(node(1), start + 20s);
  CHECK(suspects.earliest() == start + 15s);
  suspects.clear(node(2));
  CHECK(suspects.earliest() == start + 20s);
  suspects.clear(node(1));
  CHECK_FALSE(suspects.earliest());
}

TEST_CASE("who saw a refusal is heard although enough have accused", "[protocol][suspicion]") {
  suspicion running{by(1), {4s, 24s, 1}, start};
  CHECK(running.confirm(by(2)));
  CHECK_FALSE(running.confirm(by(3)));
  CHECK(running.refusals() == 0);
  CHECK(running.confirm(by(3, true)));
  CHECK(running.refusals() == 1);
  CHECK_FALSE(running.confirm(by(3, true)));
  // The wait is no shorter for it: the shortest one has been reached.
  CHECK(running.deadline() == start + 4s);
  CHECK(running.confirm(by(4, true)));
  CHECK(running.refusals() == 2);
  CHECK_FALSE(running.confirm(by(5, true)));  // Two are enough.
}

TEST_CASE("an accuser who is refused later is news again", "[protocol][suspicion]") {
  suspicion running{by(1), {4s, 24s, 2}, start};
  CHECK(running.confirm(by(2)));
  CHECK(running.confirm(by(1, true)));
  CHECK(running.next_accusation() == by(1, true));
  CHECK_FALSE(running.confirm(by(1, true)));
  CHECK_FALSE(running.confirm(by(1, false)));  // It does not take that back.
  CHECK(running.refusals() == 1);
}
