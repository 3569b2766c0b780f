// SPDX-License-Identifier: BSL-1.0
// Two processes with one key: the one that started later goes on, the other stops, both say so.
#include "tests/catch.hpp"
#include "tests/protocol/membership/swim_cluster.hpp"
#include "tests/protocol/membership/table_rig.hpp"

using namespace causerie::protocol;
using namespace std::chrono_literals;
using test::home_of;
using test::peer;
using test::says;
using test::seed_or;
using test::self;
using test::swim_cluster;
using test::table_rig;

namespace {

constexpr auto alive = member_state::alive;

}  // namespace

TEST_CASE("the earlier of two lives stops when it hears of the later", "[protocol][conflict]") {
  table_rig r;
  r.learn(3);
  auto later = says(alive, peer(self, 77));
  later.profile->address = home_of(42);
  r.hear(later);
  REQUIRE(r.conflicts.size() == 1);
  CHECK(r.conflicts[0].other == peer(self, 77));
  CHECK(r.conflicts[0].where == home_of(42));
  CHECK(r.conflicts[0].this_stops);
  CHECK(r.refusals.size() == 1);
  // It probes nobody, says nothing, and wants nothing more.
  CHECK(r.targets.size() == 3);
  for (const auto& target : r.targets) CHECK_FALSE(target.wanted);
  r.packets.clear();
  CHECK_FALSE(r.table.next_deadline());
  r.hear(says(member_state::suspect, peer(self)));
  CHECK(r.packets.empty());
  r.hear(later);
  CHECK(r.conflicts.size() == 1);
}

TEST_CASE("the later life goes on, says what it saw and tells the earlier one",
          "[protocol][conflict]") {
  table_rig r;
  r.learn(3);
  for (int copy = 0; copy < 100; ++copy)
    CHECK(r.receive(peer(self, 3), swim::gossip_body{}, {}) == protocol_errc::stale_epoch);
  REQUIRE(r.conflicts.size() == 1);
  CHECK(r.conflicts[0].other == peer(self, 3));
  CHECK_FALSE(r.conflicts[0].this_stops);
  CHECK(r.refusals.empty());
  REQUIRE(r.packets.size() == 1);
  CHECK(r.packets[0].second.members.at(0).who == peer(self));
  CHECK(r.packets[0].second.members.at(0).state == alive);
  CHECK(r.table.next_deadline());
}

TEST_CASE("a third party tells an earlier life of the later, once a period",
          "[protocol][conflict]") {
  table_rig r;
  r.learn(3);
  const auto hello = [&] {
    r.packets.clear();
    CHECK(r.receive(peer(2, 9), swim::gossip_body{}, {}) == protocol_errc::stale_epoch);
    return r.packets.size();
  };
  CHECK(hello() == 1);
  CHECK(r.packets[0].second.members.at(0).who == peer(2));
  CHECK(hello() == 0);
  r.now += 1s;
  CHECK(hello() == 1);
}

TEST_CASE("what is still said of an earlier life is no conflict", "[protocol][conflict]") {
  table_rig r;
  r.learn(3);
  for (const auto state : {alive, member_state::suspect, member_state::dead})
    r.hear(says(state, peer(self, 3)));
  CHECK(r.conflicts.empty());
  CHECK(r.table.next_deadline());
}

TEST_CASE("a refutation that we never made betrays a second process of this very life",
          "[protocol][conflict]") {
  table_rig r;
  r.learn(3);
  r.hear(says(alive, peer(self), 0));
  CHECK(r.conflicts.empty());
  r.hear(says(alive, peer(self), 5));
  r.hear(says(alive, peer(self), 6));
  REQUIRE(r.conflicts.size() == 1);
  CHECK_FALSE(r.conflicts[0].this_stops);
}

TEST_CASE("two holders of one identity find out through the others", "[protocol][conflict]") {
  const auto seed = seed_or(50);
  CAPTURE(seed);
  swim_cluster cluster{6, seed};
  cluster.nodes[5].who.node = cluster.nodes[2].who.node;
  cluster.start(0, {});
  for (std::size_t i = 1; i < 5; ++i) cluster.start(i, {0});
  cluster.run_for(10s);
  cluster.start(5, {0}, boot_epoch{5000});
  CHECK(cluster.run_until([&] { return !cluster.nodes[2].refused.empty(); }, 10s));
  CHECK(cluster.nodes[2].conflicts.at(0).this_stops);
  CHECK(cluster.nodes[5].refused.empty());
  cluster.run_for(2s);
  const auto silent_since = cluster.nodes[2].packets_out;
  cluster.run_for(60s);
  CHECK(cluster.nodes[2].packets_out == silent_since);
  // The others hold the later one alive, and nobody has died.
  for (const std::size_t i : {0, 1, 3, 4}) CHECK(cluster.view(i, 5) == alive);
  for (const auto& change : cluster.changes) CHECK(change.member.state != member_state::dead);
}
