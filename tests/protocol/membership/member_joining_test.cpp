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

TEST_CASE("without seeds a node founds a cluster and then sleeps", "[protocol][member_table]") {
  const rig r;
  CHECK(r.readies == 1);
  CHECK(r.table.is_ready());
  CHECK_FALSE(r.table.next_deadline());
  REQUIRE(r.table.members().size() == 1);
  CHECK(r.table.members()[0].state == alive);
}

TEST_CASE("a join is answered with the table, the newcomer is announced to the others",
          "[protocol][member_table]") {
  rig r;
  r.learn(3);
  r.receive(peer(9), join_request{5, {}}, {says(alive, peer(9))});
  REQUIRE(r.count<exchange_part>() == 1);
  const auto& answer = r.packets[0];
  CHECK(answer.first == home_of(9));
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
  CHECK(r.receive(peer(99), join_request{5, {}}, {says(alive, peer(99))}) ==
        protocol_errc::refused);
  REQUIRE(r.count<join_refusal>() == 1);
  CHECK(std::get<join_refusal>(r.packets[0].second.body).reason.find("10 members") !=
        std::string::npos);
  CHECK_FALSE(r.state_of(99));
  // A member that asks again is no newcomer, and a place set free is given away.
  CHECK_FALSE(r.receive(peer(4), join_request{6, {}}, {says(alive, peer(4))}));
  r.hear(says(left, peer(4)));
  CHECK_FALSE(r.receive(peer(99), join_request{7, {}}, {says(alive, peer(99))}));
  CHECK(r.state_of(99) == alive);
}

TEST_CASE("a table never outgrows its bound, whoever fills it", "[protocol][member_table]") {
  membership_config config;
  config.members_max = 8;
  rig r{config};
  for (std::uint8_t n = 1; n < 150; ++n) r.hear(says(alive, peer(n)));
  CHECK(r.table.members().size() == 17);
  CHECK(r.table.counters().dropped_table_full > 0);
}

TEST_CASE("a restart with an old epoch is refused, the reason names the newer one",
          "[protocol][member_table]") {
  rig r;
  r.learn(2);
  CHECK(r.receive(peer(2, 4), join_request{5, {}}, {says(alive, peer(2, 4))}) ==
        protocol_errc::refused);
  REQUIRE(r.count<join_refusal>() == 1);
  const auto answer = r.packets[0].second;

  member_table restarted{peer(2, 4), "again", home_of(2), {}, 2};
  const auto seed = home_of(self);
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
  member_table table{peer(1), "lonely", home_of(1), {}, 1};
  const std::vector seeds{home_of(1), home_of(2)};
  instant now{100s};
  std::vector<instant> tries;
  std::vector<instant> complaints;
  table.join(seeds, now);
  for (const auto until = now + 21s; now <= until;) {
    while (auto output = table.poll()) {
      if (auto* sent = std::get_if<member_table::send_packet>(&*output)) {
        CHECK(sent->to == home_of(2));  // Never itself.
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
  member_table table{peer(1), "mirror", home_of(1), {}, 1};
  const std::vector seeds{home_of(1)};
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
  for (std::uint8_t n = 1; n < 120; ++n) host.hear(says(alive, peer(n)));
  host.packets.clear();
  member_table joiner{peer(150), "late", home_of(150), {}, 3};
  const auto seed = home_of(self);
  joiner.join({&seed, 1}, host.now);
  const auto asked = std::get<member_table::send_packet>(*joiner.poll());
  CHECK(host.table.on_packet(home_of(150), asked.bytes, host.now));
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
  r.hear(says(alive, peer(1)));
  member_table twin{peer(1), "n", home_of(1), {}, 2};
  twin.join({}, r.now);
  swim_datagram introduction{
      {1, 0, cluster_hash("causerie"), peer(self)}, gossip_body{}, {says(alive, peer(self))}};
  CHECK(twin.on_packet(home_of(self), encode_datagram(introduction), r.now));
  r.packets.clear();
  while (r.count<exchange_request>() == 0) r.run(100ms);
  while (twin.poll()) {}
  for (const auto& [to, packet] : r.packets)
    if (std::holds_alternative<exchange_request>(packet.body))
      CHECK(twin.on_packet(home_of(self), encode_datagram(packet), r.now));
  const auto answer = twin.poll();
  REQUIRE(answer);
  CHECK(std::get<member_table::send_packet>(*answer).bytes.size() < 150);
  CHECK_FALSE(twin.poll());
}

TEST_CASE("an exchange that shows a dead one alive tells the one it is about",
          "[protocol][member_table]") {
  rig r;
  r.learn(4);
  r.hear(says(dead, peer(3)));
  r.packets.clear();
  r.receive(peer(1), exchange_part{1, key_range::all(), true}, {says(alive, peer(3))});
  CHECK(r.state_of(3) == dead);
  REQUIRE(r.packets.size() == 1);
  CHECK(r.packets[0].first == home_of(3));
  CHECK(r.packets[0].second.members.at(0).state == dead);
}

TEST_CASE("a remembered dead one is visited every five seconds", "[protocol][member_table]") {
  rig r;
  r.learn(1);
  r.hear(says(dead, peer(1)));
  r.packets.clear();
  r.run(16s);
  REQUIRE(r.packets.size() == 3);
  for (const auto& [to, packet] : r.packets) {
    CHECK(to == home_of(1));
    CHECK(std::get<probe_body>(packet.body).target == peer(1));
    CHECK(packet.members.at(0).state == dead);  // So that it can refute.
  }
  // Its answer leads to an exchange, its refutation back to life.
  r.packets.clear();
  r.receive(peer(1), probe_body{probe_kind::ack, 1, peer(self)}, {});
  CHECK(r.count<exchange_request>() == 1);
  r.hear(says(alive, peer(1), 1));
  CHECK(r.state_of(1) == alive);
  CHECK(r.changes.back().previous == dead);
}

TEST_CASE("a packet of a stranger leads to an exchange, once a period",
          "[protocol][member_table]") {
  rig r;
  for (std::uint8_t n = 1; n < 20; ++n)
    r.receive(peer(n), probe_body{probe_kind::ping, 5, peer(self)}, {});
  CHECK(r.count<exchange_request>() == 1);
  r.run(1100ms);
  r.receive(peer(5), probe_body{probe_kind::ping, 5, peer(self)}, {});
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
  r.hear(says(dead, peer(self)));
  CHECK(r.packets.empty());

  rig alone;
  alone.table.leave(alone.now);
  CHECK(alone.table.left_enough());
}
