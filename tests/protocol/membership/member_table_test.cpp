// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/member_table.hpp"

#include <algorithm>

#include "protocol/membership/swim_datagram.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/membership/table_rig.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::swim;
using namespace std::chrono_literals;

using rig = test::table_rig;
using test::says;
using test::self;

namespace {

incarnation someone(std::uint8_t n, std::uint64_t epoch = 10) { return test::peer(n, epoch); }
socket_address address_of(std::uint8_t n) { return test::home_of(n); }

constexpr auto alive = member_state::alive;
constexpr auto suspect = member_state::suspect;
constexpr auto dead = member_state::dead;
constexpr auto left = member_state::left;

}  // namespace

TEST_CASE("without seeds a node founds a cluster and then sleeps", "[protocol][member_table]") {
  const rig r;
  CHECK(r.readies == 1);
  CHECK(r.table.is_ready());
  CHECK_FALSE(r.table.next_deadline());
  REQUIRE(r.table.members().size() == 1);
  CHECK(r.table.members()[0].state == alive);
}

TEST_CASE("a member heard of is announced and probed", "[protocol][member_table]") {
  rig r;
  r.hear(says(alive, someone(1)));
  REQUIRE(r.changes.size() == 1);
  CHECK(r.changes[0].member.who == someone(1));
  CHECK_FALSE(r.changes[0].previous);
  REQUIRE(r.targets.size() == 1);
  CHECK(r.targets[0].wanted);
  r.hear(says(alive, someone(1)));
  CHECK(r.changes.size() == 1);
}

TEST_CASE("of equal refutations left beats dead beats suspect beats alive",
          "[protocol][member_table]") {
  for (const auto first : {alive, suspect, dead, left})
    for (const auto second : {alive, suspect, dead, left}) {
      rig r;
      r.learn(5);
      r.hear(says(first, someone(3)));
      r.hear(says(second, someone(3)));
      CHECK(r.state_of(3) == std::max(first, second));
    }
}

TEST_CASE("more refutations win whatever the state, but nobody returns from leaving",
          "[protocol][member_table]") {
  for (const auto first : {suspect, dead, left}) {
    rig r;
    r.learn(5);
    r.hear(says(first, someone(3), 4));
    r.hear(says(alive, someone(3), 3));
    CHECK(r.state_of(3) == first);
    r.hear(says(alive, someone(3), 5));
    CHECK(r.state_of(3) == (first == left ? left : alive));
    r.hear(says(suspect, someone(3), 4));
    CHECK(r.state_of(3) == (first == left ? left : alive));
  }
}

TEST_CASE("a newer life wins over any number of refutations, and an older one never counts",
          "[protocol][member_table]") {
  for (const auto before : {alive, suspect, dead, left}) {
    rig r;
    r.learn(5);
    r.hear(says(before, someone(3), 7));
    r.changes.clear();
    r.hear(says(alive, someone(3, 11), 0));
    REQUIRE(r.changes.size() == 1);
    CHECK(r.changes[0].member.who == someone(3, 11));
    CHECK(r.changes[0].previous == before);
    CHECK(r.targets.back().who == someone(3, 11));
    for (const auto old : {alive, suspect, dead, left}) r.hear(says(old, someone(3), 99));
    CHECK(r.state_of(3) == alive);
    CHECK(r.changes.size() == 1);
  }
}

TEST_CASE("gossip about a stranger's death introduces nobody", "[protocol][member_table]") {
  rig r;
  r.learn(1);
  for (const auto state : {suspect, dead, left}) r.hear(says(state, someone(50)));
  CHECK_FALSE(r.state_of(50));
}

TEST_CASE("a death that is only believed in is a suspicion first", "[protocol][member_table]") {
  rig r;
  r.learn(5);
  r.receive(someone(1), exchange_part{1, key_range::all(), true}, {says(dead, someone(3))});
  CHECK(r.state_of(3) == suspect);
  r.hear(says(dead, someone(4)));
  CHECK(r.state_of(4) == dead);
}

TEST_CASE("a suspicion ends in death unless refuted, sooner with confirmations",
          "[protocol][member_table]") {
  const auto death_after = [](std::uint8_t confirmations, bool refuted) {
    rig r;
    r.learn(9);
    const auto began = r.now;
    r.table.on_probe_failed(someone(3), false, r.now);
    r.drain();
    CHECK(r.state_of(3) == suspect);
    CHECK(r.targets.back().suspected);
    for (std::uint8_t n = 0; n < confirmations; ++n)
      r.hear(says(suspect, someone(3), 0, static_cast<std::uint8_t>(5 + n)));
    if (refuted) r.hear(says(alive, someone(3), 1));
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
  r.table.on_probe_failed(someone(3), false, r.now);
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
  r.table.on_probe_failed(someone(3), false, r.now);
  for (int second = 0; second < 30; ++second) {
    r.run(1s);
    r.table.on_alive(someone(3), 1ms, r.now);
  }
  CHECK(r.state_of(3) == suspect);
  CHECK(r.table.find(someone(3).node)->round_trip == 1ms);
  r.run(30s);
  CHECK(r.state_of(3) == dead);
}

TEST_CASE("a pause of its own postpones every verdict", "[protocol][member_table]") {
  rig r;
  r.learn(9);
  r.table.on_probe_failed(someone(3), false, r.now);
  r.hear(says(suspect, someone(3), 0, 5));
  r.hear(says(suspect, someone(3), 0, 6));
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
    r.hear(says(state, someone(self), 6));
    // The messenger gets the answer first.
    REQUIRE_FALSE(r.packets.empty());
    CHECK(r.packets.back().first == address_of(1));
    REQUIRE(r.told_about(self));
    CHECK(r.told_about(self)->state == alive);
    CHECK(r.told_about(self)->refutations == 7);
    CHECK(r.table.counters().refutations == 1);
    // Old doubts are answered without raising the count again.
    r.hear(says(state, someone(self), 2));
    CHECK(r.table.find(someone(self).node)->refutations == 7);
  }
}

TEST_CASE("a suspect's ping carries the accusation, its ACK the refutation",
          "[protocol][member_table]") {
  rig accuser;
  accuser.learn(3);
  accuser.table.on_probe_failed(someone(2), false, accuser.now);
  accuser.drain();
  const auto ping = accuser.table.pack(
      {probe_kind::ping, someone(self), address_of(2), 5, someone(2), {}, true}, accuser.now);
  const auto parsed = *parse_datagram(ping);
  REQUIRE_FALSE(parsed.members.empty());
  CHECK(parsed.members[0].state == suspect);
  CHECK(parsed.members[0].who == someone(2));

  member_table accused{someone(2), "accused", address_of(2), {}, 2};
  const auto probe = accused.on_packet(address_of(self), ping, accuser.now);
  REQUIRE((probe && *probe));
  CHECK((*probe)->from == someone(self));
  CHECK((*probe)->nonce == 5);
  const auto ack = *parse_datagram(
      accused.pack({probe_kind::ack, someone(2), address_of(self), 5, someone(self)}, accuser.now));
  REQUIRE_FALSE(ack.members.empty());
  CHECK(ack.members[0].who == someone(2));
  CHECK(ack.members[0].refutations == 1);
}

TEST_CASE("a ping's mere flag makes the accused refute too, once a period",
          "[protocol][member_table]") {
  rig r;
  r.learn(1);
  for (int copy = 0; copy < 5; ++copy)
    r.receive(someone(1), probe_body{probe_kind::ping, 5, someone(self), true}, {});
  CHECK(r.table.find(someone(self).node)->refutations == 1);
}

TEST_CASE("a ping for an earlier life is answered with this one", "[protocol][member_table]") {
  rig r;
  r.learn(1);
  r.receive(someone(1), probe_body{probe_kind::ping, 5, someone(self, 3), false}, {});
  REQUIRE(r.told_about(self));
  CHECK(r.told_about(self)->who == someone(self));
}

TEST_CASE("a later life of our own id is a conflict, said once", "[protocol][member_table]") {
  rig r;
  r.learn(1);
  r.hear(says(alive, someone(self, 77)));
  r.hear(says(dead, someone(self, 77)));
  REQUIRE(r.refusals.size() == 1);
  CHECK(r.refusals[0].find("77") != std::string::npos);
  CHECK(r.receive(someone(self, 78), gossip_body{}, {}) == protocol_errc::stale_epoch);
  CHECK(r.refusals.size() == 2);
}

TEST_CASE("packets of an earlier life, another cluster or version change nothing",
          "[protocol][member_table]") {
  rig r;
  r.learn(1);
  CHECK(r.receive(someone(1, 9), gossip_body{}, {says(alive, someone(2))}) ==
        protocol_errc::stale_epoch);
  swim_datagram packet{
      {1, 0, cluster_hash("other"), someone(1)}, gossip_body{}, {says(alive, someone(2))}};
  CHECK(r.table.on_packet(address_of(1), encode_datagram(packet), r.now).error() ==
        protocol_errc::refused);
  packet.head = {2, 0, cluster_hash("causerie"), someone(1)};
  CHECK(r.table.on_packet(address_of(1), encode_datagram(packet), r.now).error() ==
        protocol_errc::foreign_version);
  CHECK(r.table.on_packet(address_of(1), shared_bytes::copy_of(std::string_view{"\x01junk"}), r.now)
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
  auto record = says(alive, someone(1));
  record.profile->address = socket_address::v4(0, 0, 0, 0, 7450);
  r.hear(record);
  CHECK(r.table.find(someone(1).node)->address == address_of(1));
  // The same from a third party tells nobody where it is.
  record.who = someone(2);
  r.hear(record);
  CHECK_FALSE(r.state_of(2));

  rig everywhere{{}, socket_address::v4(0, 0, 0, 0, 7450)};
  everywhere.hear(says(alive, someone(self)));
  CHECK(everywhere.table.find(someone(self).node)->address == address_of(self));
}

TEST_CASE("an address changes with a newer record only", "[protocol][member_table]") {
  rig r;
  r.learn(2);
  auto moved = says(alive, someone(2));
  moved.profile->address = address_of(77);
  r.hear(moved);
  CHECK(r.table.find(someone(2).node)->address == address_of(2));
  moved.refutations = 1;
  r.hear(moved);
  CHECK(r.table.find(someone(2).node)->address == address_of(77));
  CHECK(r.targets.back().address == address_of(77));
}

TEST_CASE("a join is answered with the table, the newcomer is announced to the others",
          "[protocol][member_table]") {
  rig r;
  r.learn(3);
  r.receive(someone(9), join_request{5, {}}, {says(alive, someone(9))});
  REQUIRE(r.count<exchange_part>() == 1);
  const auto& answer = r.packets[0];
  CHECK(answer.first == address_of(9));
  CHECK(std::get<exchange_part>(answer.second.body).covers == key_range::all());
  CHECK(answer.second.members.size() == 5);
  r.packets.clear();
  r.run(1s);
  REQUIRE(r.told_about(9));
}

TEST_CASE("the eleventh of ten is refused with the reason", "[protocol][member_table]") {
  membership_config config;
  config.members_max = 10;
  rig r{config};
  r.learn(9);
  CHECK(r.receive(someone(99), join_request{5, {}}, {says(alive, someone(99))}) ==
        protocol_errc::refused);
  REQUIRE(r.count<join_refusal>() == 1);
  CHECK(std::get<join_refusal>(r.packets[0].second.body).reason.find("10 members") !=
        std::string::npos);
  CHECK_FALSE(r.state_of(99));
  // A member that asks again is no newcomer, and a place set free is given away.
  CHECK_FALSE(r.receive(someone(4), join_request{6, {}}, {says(alive, someone(4))}));
  r.hear(says(left, someone(4)));
  CHECK_FALSE(r.receive(someone(99), join_request{7, {}}, {says(alive, someone(99))}));
  CHECK(r.state_of(99) == alive);
}

TEST_CASE("a table never outgrows its bound, whoever fills it", "[protocol][member_table]") {
  membership_config config;
  config.members_max = 8;
  rig r{config};
  for (std::uint8_t n = 1; n < 150; ++n) r.hear(says(alive, someone(n)));
  CHECK(r.table.members().size() == 17);
  CHECK(r.table.counters().dropped_table_full > 0);
}

TEST_CASE("a restart with an old epoch is refused, the reason names the newer one",
          "[protocol][member_table]") {
  rig r;
  r.learn(2);
  CHECK(r.receive(someone(2, 4), join_request{5, {}}, {says(alive, someone(2, 4))}) ==
        protocol_errc::refused);
  REQUIRE(r.count<join_refusal>() == 1);
  const auto answer = r.packets[0].second;

  member_table restarted{someone(2, 4), "again", address_of(2), {}, 2};
  const auto seed = address_of(self);
  restarted.join({&seed, 1}, r.now);
  const auto asked = std::get<member_table::send_packet>(*restarted.poll());
  auto refusal = answer;
  std::get<join_refusal>(refusal.body).nonce =
      std::get<join_request>(parse_datagram(asked.bytes)->body).nonce;
  CHECK(restarted.on_packet(seed, encode_datagram(refusal), r.now));
  const auto output = restarted.poll();
  REQUIRE(output);
  CHECK(std::get<member_table::refused>(*output).reason.find("epoch 10") != std::string::npos);
  CHECK_FALSE(restarted.next_deadline());
}

TEST_CASE("a join that nobody answers is tried again and complained of",
          "[protocol][member_table]") {
  member_table table{someone(1), "lonely", address_of(1), {}, 1};
  const std::vector seeds{address_of(1), address_of(2)};
  instant now{100s};
  std::vector<instant> tries;
  std::vector<instant> complaints;
  table.join(seeds, now);
  for (const auto until = now + 21s; now <= until;) {
    while (auto output = table.poll()) {
      if (auto* sent = std::get_if<member_table::send_packet>(&*output)) {
        CHECK(sent->to == address_of(2));  // Never itself.
        tries.push_back(now);
      }
      if (std::holds_alternative<member_table::join_unanswered>(*output)) complaints.push_back(now);
    }
    now = *table.next_deadline();
    table.on_deadline(now);
  }
  // In the first 15 s so often that 40 % loss each way leaves one newcomer of a hundred waiting.
  REQUIRE(tries.size() >= 11);
  CHECK(tries[10] - tries[0] < 15s);
  CHECK(tries[1] - tries[0] == 200ms);
  for (std::size_t i = 2; i < tries.size(); ++i)
    CHECK(tries[i] - tries[i - 1] >= tries[i - 1] - tries[i - 2]);
  CHECK(tries.back() - tries[tries.size() - 2] == 5s);
  CHECK(complaints.size() == 4);
  CHECK_FALSE(table.is_ready());
}

TEST_CASE("only seeds that are ourselves: patience, not readiness", "[protocol][member_table]") {
  member_table table{someone(1), "mirror", address_of(1), {}, 1};
  const std::vector seeds{address_of(1)};
  instant now{100s};
  table.join(seeds, now);
  std::size_t complaints = 0;
  for (int wakeups = 0; now < instant{121s}; ++wakeups) {
    REQUIRE(wakeups < 30);
    while (auto output = table.poll())
      complaints += std::holds_alternative<member_table::join_unanswered>(*output) ? 1 : 0;
    now = *table.next_deadline();
    table.on_deadline(now);
  }
  CHECK(complaints >= 3);
  CHECK_FALSE(table.is_ready());
}

TEST_CASE("a node is ready when the whole answer has come, in any order, doubled or not",
          "[protocol][member_table]") {
  rig host;
  for (std::uint8_t n = 1; n < 120; ++n) host.hear(says(alive, someone(n)));
  host.packets.clear();
  member_table joiner{someone(150), "late", address_of(150), {}, 3};
  const auto seed = address_of(self);
  joiner.join({&seed, 1}, host.now);
  const auto asked = std::get<member_table::send_packet>(*joiner.poll());
  CHECK(host.table.on_packet(address_of(150), asked.bytes, host.now));
  host.drain();
  REQUIRE(host.packets.size() >= 5);
  std::reverse(host.packets.begin(), host.packets.end());
  for (std::size_t i = 0; i < host.packets.size(); ++i) {
    CHECK_FALSE(joiner.is_ready());
    const auto bytes = encode_datagram(host.packets[i].second);
    CHECK(bytes.size() <= datagram_bytes_max);
    for (int copy = 0; copy < 2; ++copy) CHECK(joiner.on_packet(seed, bytes, host.now));
  }
  CHECK(joiner.is_ready());
  CHECK(joiner.members().size() == 121);
  joiner.audit();
}

TEST_CASE("an exchange between those who agree costs one small answer",
          "[protocol][member_table]") {
  rig r;
  r.hear(says(alive, someone(1)));
  member_table twin{someone(1), "n", address_of(1), {}, 2};
  twin.join({}, r.now);
  swim_datagram introduction{
      {1, 0, cluster_hash("causerie"), someone(self)}, gossip_body{}, {says(alive, someone(self))}};
  CHECK(twin.on_packet(address_of(self), encode_datagram(introduction), r.now));
  r.packets.clear();
  while (r.count<exchange_request>() == 0) r.run(100ms);
  while (twin.poll()) {}
  for (const auto& [to, packet] : r.packets)
    if (std::holds_alternative<exchange_request>(packet.body))
      CHECK(twin.on_packet(address_of(self), encode_datagram(packet), r.now));
  const auto answer = twin.poll();
  REQUIRE(answer);
  CHECK(std::get<member_table::send_packet>(*answer).bytes.size() < 150);
  CHECK_FALSE(twin.poll());
}

TEST_CASE("an exchange that shows a dead one alive tells the one it is about",
          "[protocol][member_table]") {
  rig r;
  r.learn(4);
  r.hear(says(dead, someone(3)));
  r.packets.clear();
  r.receive(someone(1), exchange_part{1, key_range::all(), true}, {says(alive, someone(3))});
  CHECK(r.state_of(3) == dead);
  REQUIRE(r.packets.size() == 1);
  CHECK(r.packets[0].first == address_of(3));
  CHECK(r.packets[0].second.members.at(0).state == dead);
}

TEST_CASE("a remembered dead one is visited every five seconds", "[protocol][member_table]") {
  rig r;
  r.learn(1);
  r.hear(says(dead, someone(1)));
  r.packets.clear();
  r.run(16s);
  REQUIRE(r.packets.size() == 3);
  for (const auto& [to, packet] : r.packets) {
    CHECK(to == address_of(1));
    CHECK(std::get<probe_body>(packet.body).target == someone(1));
    CHECK(packet.members.at(0).state == dead);  // So that it can refute.
  }
  // Its answer leads to an exchange, its refutation back to life.
  r.packets.clear();
  r.receive(someone(1), probe_body{probe_kind::ack, 1, someone(self)}, {});
  CHECK(r.count<exchange_request>() == 1);
  r.hear(says(alive, someone(1), 1));
  CHECK(r.state_of(1) == alive);
  CHECK(r.changes.back().previous == dead);
}

TEST_CASE("a packet of a stranger leads to an exchange, once a period",
          "[protocol][member_table]") {
  rig r;
  for (std::uint8_t n = 1; n < 20; ++n)
    r.receive(someone(n), probe_body{probe_kind::ping, 5, someone(self)}, {});
  CHECK(r.count<exchange_request>() == 1);
  r.run(1100ms);
  r.receive(someone(5), probe_body{probe_kind::ping, 5, someone(self)}, {});
  CHECK(r.count<exchange_request>() == 2);
}

TEST_CASE("leaving is told to everyone of a small cluster several times within half a second",
          "[protocol][member_table]") {
  rig r;
  r.learn(10);
  r.table.leave(r.now);
  r.drain();
  CHECK(r.packets.size() == 10);
  CHECK_FALSE(r.table.left_enough());
  r.run(500ms);
  CHECK(r.packets.size() == 40);
  CHECK(r.table.left_enough());
  CHECK(r.told_about(self)->state == left);
  CHECK_FALSE(r.table.next_deadline());
  // Who has left defends itself no more.
  r.packets.clear();
  r.hear(says(dead, someone(self)));
  CHECK(r.packets.empty());

  rig alone;
  alone.table.leave(alone.now);
  CHECK(alone.table.left_enough());
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
  r.receive(someone(1), gossip_body{}, {},
            {{someone(1), lobby, 1, true},
             {someone(2), lobby, 1, true},
             {someone(2), other, 2, true},
             {someone(3, 9), lobby, 1, true}});  // A word of an earlier life.
  CHECK(r.table.directory(lobby) == std::vector{someone(1), someone(2), someone(self)});
  const auto before = r.directory_changes;
  r.hear(says(dead, someone(2)));
  CHECK(r.directory_changes == before + 2);
  CHECK(r.table.directory(lobby) == std::vector{someone(1), someone(self)});
  r.table.announce(lobby, false, r.now);
  CHECK(r.table.directory(lobby) == std::vector{someone(1)});
  // Nobody speaks for us.
  r.receive(someone(1), gossip_body{}, {}, {{someone(self), lobby, 99, true}});
  CHECK(r.table.directory(lobby) == std::vector{someone(1)});
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
  member_table table{someone(1), "again", address_of(1), {}, 1};
  const std::vector seeds{address_of(2)};
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
  const member_table table{someone(1), name + "\xc3\xab", address_of(1), {}, 1};
  CHECK(table.members()[0].name == name);
}
