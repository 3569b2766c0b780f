// SPDX-License-Identifier: BSL-1.0
// Knocks: datagrams that want no answer, sent so that the host of a dead process may refuse them.
#include <algorithm>
#include <set>

#include "protocol/membership/knock_round.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/membership/table_rig.hpp"

using namespace causerie::protocol;
using namespace std::chrono_literals;
using swim::gossip_body;
using test::home_of;
using test::peer;
using test::says;
using test::self;
using test::table_rig;

namespace {

/// The failure detector has `n` probed; whom the table knocked at besides.
std::vector<socket_address> knocked_with_ping(table_rig& r, std::uint8_t n,
                                              probe_kind kind = probe_kind::ping) {
  r.packets.clear();
  probe_message probe;
  probe.kind = kind;
  probe.from = peer(self);
  probe.address = home_of(n);
  probe.nonce = 1;
  probe.target = peer(n);
  (void)r.table.pack(probe, r.now);
  r.drain();
  std::vector<socket_address> found;
  for (const auto& [to, packet] : r.packets)
    if (std::holds_alternative<gossip_body>(packet.body) && packet.members.empty())
      found.push_back(to);
  return found;
}

}  // namespace

TEST_CASE("everybody is knocked at once before anybody is again", "[protocol][knock]") {
  random_source random{3};
  std::vector<node_id> live;
  for (std::uint8_t n = 1; n <= 9; ++n) live.push_back(peer(n).node);
  swim::knock_round round;
  for (int turn = 0; turn < 4; ++turn) {
    std::set<node_id> seen;
    for (int i = 0; i < 3; ++i)
      for (const auto& node : round.next(live, 3, random)) seen.insert(node);
    CHECK(seen.size() == 9);
  }
  CHECK(round.next({live.data(), live.data() + 2}, 3, random).size() == 2);
  CHECK(round.next({}, 3, random).empty());
}

TEST_CASE("a knock's targets are different ones, though a round ends among them",
          "[protocol][knock]") {
  random_source random{4};
  std::vector<node_id> live;
  for (std::uint8_t n = 1; n <= 4; ++n) live.push_back(peer(n).node);
  swim::knock_round round;
  for (int turn = 0; turn < 50; ++turn) {
    const auto chosen = round.next(live, 3, random);
    CHECK(std::set(chosen.begin(), chosen.end()).size() == 3);
  }
}

TEST_CASE("a probe is accompanied by knocks at others, once a period", "[protocol][knock]") {
  table_rig r;
  r.learn(9);
  r.run(60s);
  const auto knocked = knocked_with_ping(r, 5);
  CHECK(knocked.size() >= 2);
  CHECK(knocked.size() <= 3);
  CHECK(std::find(knocked.begin(), knocked.end(), home_of(5)) == knocked.end());
  CHECK(knocked_with_ping(r, 6).empty());
  r.now += 1s;
  CHECK(knocked_with_ping(r, 6).size() >= 2);
  r.now += 1s;
  CHECK(knocked_with_ping(r, 6, probe_kind::ack).empty());
}

TEST_CASE("a pair has nobody else to knock at", "[protocol][knock]") {
  table_rig r;
  r.learn(1);
  r.run(60s);
  CHECK(knocked_with_ping(r, 1).empty());
}

TEST_CASE("plain SWIM knocks at nobody, nor does who leaves", "[protocol][knock]") {
  membership_config config;
  config.plain_swim = true;
  table_rig plain{config};
  plain.learn(9);
  CHECK(knocked_with_ping(plain, 5).empty());
  table_rig r;
  r.learn(9);
  r.run(60s);
  r.table.leave(r.now);
  r.drain();
  CHECK(knocked_with_ping(r, 5).empty());
}

TEST_CASE("a knock is no sign of life, other gossip is", "[protocol][knock]") {
  table_rig r;
  r.learn(3);
  const auto heard = [&] { return r.table.find(peer(2).node)->last_heard; };
  CHECK_FALSE(r.receive(peer(2), gossip_body{}, {}));
  CHECK_FALSE(heard());
  CHECK_FALSE(r.receive(peer(2), gossip_body{}, {says(member_state::alive, peer(3))}));
  CHECK(heard() == r.now);
}
