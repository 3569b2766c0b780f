// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/member_table.hpp"

#include "protocol/membership/swim_datagram.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/membership/table_rig.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::swim;
using namespace std::chrono_literals;

using rig = test::table_rig;
using test::home_of;
using test::peer;
using test::says;
using test::self;
using enum member_state;

TEST_CASE("a member heard of is announced and probed", "[protocol][member_table]") {
  rig r;
  r.hear(says(alive, peer(1)));
  REQUIRE(r.changes.size() == 1);
  CHECK(r.changes[0].member.who == peer(1));
  CHECK_FALSE(r.changes[0].previous);
  REQUIRE(r.targets.size() == 1);
  CHECK(r.targets[0].wanted);
  r.hear(says(alive, peer(1)));
  CHECK(r.changes.size() == 1);
}

TEST_CASE("of equal refutations left beats dead beats suspect beats alive",
          "[protocol][member_table]") {
  for (const auto first : {alive, suspect, dead, left})
    for (const auto second : {alive, suspect, dead, left}) {
      rig r;
      r.learn(5);
      r.hear(says(first, peer(3)));
      r.hear(says(second, peer(3)));
      CHECK(r.state_of(3) == std::max(first, second));
    }
}

TEST_CASE("more refutations win whatever the state, but nobody returns from leaving",
          "[protocol][member_table]") {
  for (const auto first : {suspect, dead, left}) {
    rig r;
    r.learn(5);
    r.hear(says(first, peer(3), 4));
    r.hear(says(alive, peer(3), 3));
    CHECK(r.state_of(3) == first);
    r.hear(says(alive, peer(3), 5));
    CHECK(r.state_of(3) == (first == left ? left : alive));
    r.hear(says(suspect, peer(3), 4));
    CHECK(r.state_of(3) == (first == left ? left : alive));
  }
}

TEST_CASE("a newer life wins over any number of refutations, and an older one never counts",
          "[protocol][member_table]") {
  for (const auto before : {alive, suspect, dead, left}) {
    rig r;
    r.learn(5);
    r.hear(says(before, peer(3), 7));
    r.changes.clear();
    r.hear(says(alive, peer(3, 11), 0));
    REQUIRE(r.changes.size() == 1);
    CHECK(r.changes[0].member.who == peer(3, 11));
    CHECK(r.changes[0].previous == before);
    CHECK(r.targets.back().who == peer(3, 11));
    for (const auto old : {alive, suspect, dead, left}) r.hear(says(old, peer(3), 99));
    CHECK(r.state_of(3) == alive);
    CHECK(r.changes.size() == 1);
  }
}

TEST_CASE("gossip about a stranger's death introduces nobody", "[protocol][member_table]") {
  rig r;
  r.learn(1);
  for (const auto state : {suspect, dead, left}) r.hear(says(state, peer(50)));
  CHECK_FALSE(r.state_of(50));
}

TEST_CASE("a death that is only believed in is a suspicion first", "[protocol][member_table]") {
  rig r;
  r.learn(5);
  r.receive(peer(1), exchange_part{1, key_range::all(), true}, {says(dead, peer(3))});
  CHECK(r.state_of(3) == suspect);
  r.hear(says(dead, peer(4)));
  CHECK(r.state_of(4) == dead);
}

TEST_CASE("a suspicion ends in death unless refuted, sooner with confirmations",
          "[protocol][member_table]") {
  const auto death_after = [](std::uint8_t confirmations, bool refuted) {
    rig r;
    r.learn(9);
    const auto began = r.now;
    r.table.on_probe_failed(peer(3), false, r.now);
    r.drain();
    CHECK(r.state_of(3) == suspect);
    CHECK(r.targets.back().suspected);
    for (std::uint8_t n = 0; n < confirmations; ++n)
      r.hear(says(suspect, peer(3), 0, static_cast<std::uint8_t>(5 + n)));
    if (refuted) r.hear(says(alive, peer(3), 1));
    while (r.state_of(3) != dead && r.now - began < 60s) r.run(100ms);
    return std::chrono::duration<double>(r.now - began).count();
  };
  CHECK(death_after(0, false) == Approx(24.0).margin(0.15));
  CHECK(death_after(1, false) == Approx(24 - 20 * 0.63093).margin(0.15));
  CHECK(death_after(2, false) == Approx(4.0).margin(0.15));
  CHECK(death_after(2, true) >= 60);
}

TEST_CASE("the dead are probed no more, and everybody is told", "[protocol][member_table]") {
  rig r;
  r.learn(3);
  r.table.on_probe_failed(peer(3), false, r.now);
  r.run(30s);
  CHECK(r.changes.back().member.state == dead);
  CHECK(r.changes.back().previous == suspect);
  CHECK_FALSE(r.targets.back().wanted);
  REQUIRE(r.told_about(3));
  CHECK(r.told_about(3)->state == dead);
  CHECK(r.table.counters().deaths == 1);
}

TEST_CASE("who is heard during its suspicion is not buried by the one who hears",
          "[protocol][member_table]") {
  rig r;
  r.learn(3);
  r.table.on_probe_failed(peer(3), false, r.now);
  for (int second = 0; second < 30; ++second) {
    r.run(1s);
    r.table.on_alive(peer(3), 1ms, r.now);
  }
  CHECK(r.state_of(3) == suspect);
  CHECK(r.table.find(peer(3).node)->round_trip == 1ms);
  r.run(30s);
  CHECK(r.state_of(3) == dead);
}

TEST_CASE("a pause of its own postpones every verdict", "[protocol][member_table]") {
  rig r;
  r.learn(9);
  r.table.on_probe_failed(peer(3), false, r.now);
  r.hear(says(suspect, peer(3), 0, 5));
  r.hear(says(suspect, peer(3), 0, 6));
  r.run(2s);
  r.now += 20s;
  r.packets.clear();
  r.table.on_deadline(r.now);
  r.drain();
  CHECK(r.state_of(3) == suspect);
  // The others may have begun to doubt us: the first word is ours.
  REQUIRE(r.told_about(self));
  CHECK(r.told_about(self)->state == alive);
  r.run(1500ms);
  CHECK(r.state_of(3) == suspect);
  r.run(2s);
  CHECK(r.state_of(3) == dead);
}

TEST_CASE("who hears that it is suspected or dead refutes at once", "[protocol][member_table]") {
  for (const auto state : {suspect, dead}) {
    rig r;
    r.learn(3);
    r.hear(says(state, peer(self), 6));
    // The messenger gets the answer first.
    REQUIRE_FALSE(r.packets.empty());
    CHECK(r.packets.back().first == home_of(1));
    REQUIRE(r.told_about(self));
    CHECK(r.told_about(self)->state == alive);
    CHECK(r.told_about(self)->refutations == 7);
    CHECK(r.table.counters().refutations == 1);
    // Old doubts are answered without raising the count again.
    r.hear(says(state, peer(self), 2));
    CHECK(r.table.find(peer(self).node)->refutations == 7);
  }
}

TEST_CASE("a suspect's ping carries the accusation, its ACK the refutation",
          "[protocol][member_table]") {
  rig accuser;
  accuser.learn(3);
  accuser.table.on_probe_failed(peer(2), false, accuser.now);
  accuser.drain();
  const auto ping = accuser.table.pack(
      {probe_kind::ping, peer(self), home_of(2), 5, peer(2), {}, true}, accuser.now);
  const auto parsed = *parse_datagram(ping);
  REQUIRE_FALSE(parsed.members.empty());
  CHECK(parsed.members[0].state == suspect);
  CHECK(parsed.members[0].who == peer(2));

  member_table accused{peer(2), "accused", home_of(2), {}, 2};
  const auto probe = accused.on_packet(home_of(self), ping, accuser.now);
  REQUIRE((probe && *probe));
  CHECK((*probe)->from == peer(self));
  CHECK((*probe)->nonce == 5);
  const auto ack = *parse_datagram(
      accused.pack({probe_kind::ack, peer(2), home_of(self), 5, peer(self)}, accuser.now));
  REQUIRE_FALSE(ack.members.empty());
  CHECK(ack.members[0].who == peer(2));
  CHECK(ack.members[0].refutations == 1);
}

TEST_CASE("a ping's mere flag makes the accused refute too, once a period",
          "[protocol][member_table]") {
  rig r;
  r.learn(1);
  for (int copy = 0; copy < 5; ++copy)
    r.receive(peer(1), probe_body{probe_kind::ping, 5, peer(self), true}, {});
  CHECK(r.table.find(peer(self).node)->refutations == 1);
}

TEST_CASE("a ping for an earlier life is answered with this one", "[protocol][member_table]") {
  rig r;
  r.learn(1);
  r.receive(peer(1), probe_body{probe_kind::ping, 5, peer(self, 3), false}, {});
  REQUIRE(r.told_about(self));
  CHECK(r.told_about(self)->who == peer(self));
}

TEST_CASE("a later life of our own id is a conflict, said once", "[protocol][member_table]") {
  rig r;
  r.learn(1);
  r.hear(says(alive, peer(self, 77)));
  r.hear(says(dead, peer(self, 77)));
  REQUIRE(r.refusals.size() == 1);
  CHECK(r.refusals[0].find("77") != std::string::npos);
  CHECK(r.receive(peer(self, 78), gossip_body{}, {}) == protocol_errc::stale_epoch);
  CHECK(r.refusals.size() == 2);
}

TEST_CASE("packets of an earlier life, another cluster or version change nothing",
          "[protocol][member_table]") {
  rig r;
  r.learn(1);
  CHECK(r.receive(peer(1, 9), gossip_body{}, {says(alive, peer(2))}) == protocol_errc::stale_epoch);
  swim_datagram packet{
      {1, 0, cluster_hash("other"), peer(1)}, gossip_body{}, {says(alive, peer(2))}};
  CHECK(r.table.on_packet(home_of(1), encode_datagram(packet), r.now).error() ==
        protocol_errc::refused);
  packet.head = {2, 0, cluster_hash("causerie"), peer(1)};
  CHECK(r.table.on_packet(home_of(1), encode_datagram(packet), r.now).error() ==
        protocol_errc::foreign_version);
  CHECK(r.table.on_packet(home_of(1), shared_bytes::copy_of(std::string_view{"\x01junk"}), r.now)
            .error() == protocol_errc::malformed);
  r.drain();
  CHECK(r.table.members().size() == 2);
  const auto& counters = r.table.counters();
  CHECK(counters.dropped_stale_epoch == 1);
  CHECK(counters.dropped_cluster == 1);
  CHECK(counters.dropped_version == 1);
  CHECK(counters.dropped_malformed == 1);
}

TEST_CASE("a member on every address is known by where its packets come from",
          "[protocol][member_table]") {
  rig r;
  auto record = says(alive, peer(1));
  record.profile->address = socket_address::v4(0, 0, 0, 0, 7450);
  r.hear(record);
  CHECK(r.table.find(peer(1).node)->address == home_of(1));
  // The same from a third party tells nobody where it is.
  record.who = peer(2);
  r.hear(record);
  CHECK_FALSE(r.state_of(2));

  rig everywhere{{}, socket_address::v4(0, 0, 0, 0, 7450)};
  everywhere.hear(says(alive, peer(self)));
  CHECK(everywhere.table.find(peer(self).node)->address == home_of(self));
}

TEST_CASE("an address changes with a newer record only", "[protocol][member_table]") {
  rig r;
  r.learn(2);
  auto moved = says(alive, peer(2));
  moved.profile->address = home_of(77);
  r.hear(moved);
  CHECK(r.table.find(peer(2).node)->address == home_of(2));
  moved.refutations = 1;
  r.hear(moved);
  CHECK(r.table.find(peer(2).node)->address == home_of(77));
  CHECK(r.targets.back().address == home_of(77));
}

TEST_CASE("a directory lists the living who said they are in a group", "[protocol][member_table]") {
  rig r;
  r.learn(3);
  const auto lobby = make_group_id("causerie", "lobby");
  const auto other = make_group_id("causerie", "other");
  r.table.announce(lobby, true, r.now);
  r.table.announce(lobby, true, r.now);
  r.drain();
  CHECK(r.directory_changes == 1);
  r.receive(peer(1), gossip_body{}, {},
            {{peer(1), lobby, 1, true},
             {peer(2), lobby, 1, true},
             {peer(2), other, 2, true},
             {peer(3, 9), lobby, 1, true}});  // A word of an earlier life.
  CHECK(r.table.directory(lobby) == std::vector{peer(1), peer(2), peer(self)});
  const auto before = r.directory_changes;
  r.hear(says(dead, peer(2)));
  CHECK(r.directory_changes == before + 2);
  CHECK(r.table.directory(lobby) == std::vector{peer(1), peer(self)});
  r.table.announce(lobby, false, r.now);
  CHECK(r.table.directory(lobby) == std::vector{peer(1)});
  // Nobody speaks for us.
  r.receive(peer(1), gossip_body{}, {}, {{peer(self), lobby, 99, true}});
  CHECK(r.table.directory(lobby) == std::vector{peer(1)});
}

TEST_CASE("nothing new, nothing sent", "[protocol][member_table]") {
  rig r;
  r.learn(5);
  r.run(29s);  // News are told until everyone should know them.
  r.packets.clear();
  const auto gossip_before = r.count<gossip_body>();
  r.run(600s);
  CHECK(r.count<gossip_body>() == gossip_before);
}

TEST_CASE("an actor's restart loses neither members nor the join under way",
          "[protocol][member_table]") {
  member_table table{peer(1), "again", home_of(1), {}, 1};
  const std::vector seeds{home_of(2)};
  instant now{100s};
  table.join(seeds, now);
  while (table.poll()) {}
  table.on_restarted(now + 10ms);
  CHECK(*table.next_deadline() <= now + 10ms);
  table.on_deadline(now + 10ms);
  CHECK(table.poll());
}

TEST_CASE("long and broken names are cut to whole characters", "[protocol][member_table]") {
  const std::string name(63, 'x');
  const member_table table{peer(1), name + "\xc3\xab", home_of(1), {}, 1};
  CHECK(table.members()[0].name == name);
}
