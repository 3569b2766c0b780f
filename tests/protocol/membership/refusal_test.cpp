// SPDX-License-Identifier: BSL-1.0
// What becomes of an ICMP "port unreachable" ("nobody listens here"): a hint that makes us look at
// once, and with two witnesses who found silence as well, a short cut to the grave.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/protocol/membership/detector_rig.hpp"
#include "tests/protocol/membership/table_rig.hpp"

using namespace causerie::protocol;
using namespace std::chrono_literals;
using test::address_of;
using test::detector_rig;
using test::peer;
using test::says;
using test::self;
using test::someone;
using test::table_rig;

namespace {

constexpr auto alive = member_state::alive;
constexpr auto suspect = member_state::suspect;
constexpr auto dead = member_state::dead;

void refuse(detector_rig& r, std::uint8_t n) {
  r.detector.on_refused(address_of(n), r.now);
  r.drain();
}
std::size_t pings_to(const detector_rig& r, std::uint8_t n) {
  return static_cast<std::size_t>(
      std::count_if(r.probes.begin(), r.probes.end(), [&](const auto& sent) {
        return sent.second.kind == probe_kind::ping && sent.second.target == someone(n);
      }));
}
std::size_t requests_about(const detector_rig& r, std::uint8_t n) {
  return static_cast<std::size_t>(
      std::count_if(r.probes.begin(), r.probes.end(), [&](const auto& sent) {
        return sent.second.kind == probe_kind::ping_request && sent.second.target == someone(n);
      }));
}

/// "Suspect, and I was refused", as `accuser` says it.
swim::member_record refused_by(std::uint8_t accuser, std::uint8_t accused) {
  auto record = says(suspect, peer(accused), 0, accuser);
  record.refused = true;
  return record;
}

}  // namespace

TEST_CASE("a refusal is looked into at once, others are asked at the same time",
          "[protocol][refusal]") {
  detector_rig r{9};
  const auto began = r.now;
  refuse(r, 3);
  CHECK(pings_to(r, 3) == 1);
  CHECK(requests_about(r, 3) == 4);
  r.run(200ms);
  CHECK(pings_to(r, 3) >= 4);
  CHECK(requests_about(r, 3) == 8);
  CHECK(r.failures.empty());
  r.run(100ms);
  REQUIRE(r.failures.size() == 1);
  CHECK(r.failures[0].second == someone(3));
  CHECK(r.failures[0].first - began == 300ms);
  CHECK(r.refused[0]);
}

TEST_CASE("a refusal accuses nobody who answers", "[protocol][refusal]") {
  for (const auto through_helper : {false, true}) {
    detector_rig r{9};
    refuse(r, 3);
    const auto ping = *r.first(probe_kind::ping);
    r.now += 3ms;
    if (through_helper)
      r.detector.on_message({probe_kind::ack, someone(5), address_of(5), ping.nonce, someone(3)},
                            r.now);
    else
      r.acknowledge(ping, someone(3));
    r.drain();
    REQUIRE(r.alive.size() == 1);
    CHECK(r.alive[0].who == someone(3));
    r.run(400ms);
    CHECK(r.failures.empty());
  }
}

TEST_CASE("hearing the target on its session ends an urgent probe", "[protocol][refusal]") {
  detector_rig r{9};
  refuse(r, 3);
  r.detector.on_heard(someone(3), r.now);
  r.drain();
  CHECK(r.alive.size() == 1);
  r.run(400ms);
  CHECK(r.failures.empty());
}

TEST_CASE("however many refusals come, a member is probed at once only once a period",
          "[protocol][refusal]") {
  detector_rig r{9};
  std::size_t asked = 0;
  for (int i = 0; i < 900; ++i) {
    refuse(r, 3);
    if (requests_about(r, 3) > asked) {
      asked = requests_about(r, 3);
      r.acknowledge(r.probes.back().second, someone(3));
      const auto ping = std::find_if(r.probes.rbegin(), r.probes.rend(), [](const auto& sent) {
        return sent.second.kind == probe_kind::ping;
      });
      r.acknowledge(ping->second, someone(3));
    }
    r.now += 1ms;
  }
  CHECK(requests_about(r, 3) == 4);
}

TEST_CASE("refusals of all members at once cause so many probes a second and no more",
          "[protocol][refusal]") {
  detector_rig r{100};
  for (int round = 0; round < 10; ++round)
    for (std::uint8_t n = 1; n <= 100; ++n) refuse(r, n);
  CHECK(r.count(probe_kind::ping) <= 32 + 1);
}

TEST_CASE("forged refusals starve no ordinary probe", "[protocol][refusal]") {
  detector_rig r{8};
  std::vector<std::uint8_t> pinged;
  for (int tenths = 0; tenths < 160; ++tenths) {
    const auto before = r.probes.size();
    refuse(r, 1);
    r.run(100ms);
    for (auto i = before; i < r.probes.size(); ++i) {
      const auto sent = r.probes[i].second;
      if (sent.kind != probe_kind::ping) continue;
      pinged.push_back(sent.target.node.octets[0]);
      r.acknowledge(sent, sent.target);
    }
  }
  // Two rounds of the ring in 16 periods, as without the forger.
  for (std::uint8_t n = 2; n <= 8; ++n) CHECK(std::count(pinged.begin(), pinged.end(), n) >= 2);
  CHECK(r.failures.empty());
}

TEST_CASE("a refusal from where no member is means nothing", "[protocol][refusal]") {
  detector_rig r{3};
  refuse(r, 77);
  CHECK(r.probes.empty());
  r.detector.on_target(someone(2), address_of(2), false, false, r.now);
  refuse(r, 2);
  CHECK(r.probes.empty());
  // Who has moved is refused at the new address alone.
  r.detector.on_target(someone(3), address_of(33), true, false, r.now);
  refuse(r, 3);
  CHECK(r.probes.empty());
  refuse(r, 33);
  CHECK(pings_to(r, 3) == 1);
}

TEST_CASE("a short silence without a refusal accuses nobody", "[protocol][refusal]") {
  detector_rig r{9};
  r.detector.on_accused(someone(3), r.now);
  r.drain();
  CHECK(pings_to(r, 3) == 1);
  r.run(400ms);
  CHECK(r.failures.empty());
  // With one, it does, whoever made us look.
  r.run(1s);
  r.failures.clear();
  r.refused.clear();
  r.detector.on_accused(someone(3), r.now);
  refuse(r, 3);
  r.run(300ms);
  REQUIRE_FALSE(r.failures.empty());
  CHECK(r.failures.back().second == someone(3));
  CHECK(r.refused.back());
}

TEST_CASE("an accusation of an earlier life makes nobody look", "[protocol][refusal]") {
  detector_rig r{9};
  r.detector.on_accused({someone(3).node, boot_epoch{9}}, r.now);
  r.drain();
  CHECK(r.probes.empty());
}

TEST_CASE("an ordinary probe that fails tells of a refusal it has met", "[protocol][refusal]") {
  detector_rig r{1};
  r.run_to(probe_kind::ping);
  r.detector.on_refused(address_of(1), r.now);
  while (r.failures.size() < 2) r.run(100ms);
  CHECK(r.refused[0]);  // The urgent one.
  CHECK(r.refused[1]);
  // An old refusal says nothing about a new probe.
  while (r.failures.size() < 3) r.run(100ms);
  CHECK_FALSE(r.refused[2]);
}

TEST_CASE("of those whose help met the refusal few look themselves", "[protocol][refusal]") {
  const auto curious = [](std::uint8_t members) {
    detector_rig r{members};
    std::size_t looked = 0;
    for (std::uint8_t n = 1; n <= members; ++n) {
      r.now += 1s;
      r.detector.on_message(
          {probe_kind::ping_request, someone(1), address_of(1), n, someone(n), {}}, r.now);
      refuse(r, n);
      looked += requests_about(r, n) != 0 ? 1 : 0;
      r.drain();
    }
    return looked;
  };
  CHECK(curious(7) == 7);
  const auto looked = curious(200);
  CHECK(looked >= 1);
  CHECK(looked <= 20);
}

TEST_CASE("on a lossy network an urgent probe is repeated before it accuses",
          "[protocol][refusal]") {
  detector_rig r{1};
  for (int period = 0; period < 5; ++period) {
    r.probes.clear();
    while (r.count(probe_kind::ping) < 3) r.run(10ms);
    r.acknowledge(r.probes.back().second, someone(1));
  }
  r.probes.clear();
  refuse(r, 1);
  r.run(350ms);
  CHECK(r.failures.empty());
  r.run(300ms);
  REQUIRE(r.failures.size() == 1);
  CHECK(r.refused[0]);
}

TEST_CASE("an urgent probe waits as long as the path is long", "[protocol][refusal]") {
  detector_rig r{1};
  for (int period = 0; period < 8; ++period) {
    r.probes.clear();
    const auto ping = r.run_to(probe_kind::ping);
    r.run(400ms);
    r.acknowledge(ping, someone(1));
  }
  r.probes.clear();
  refuse(r, 1);
  const auto ping = *r.first(probe_kind::ping);
  r.run(400ms);
  CHECK(r.failures.empty());
  r.acknowledge(ping, someone(1));
  r.run(300ms);
  CHECK(r.failures.empty());
}

TEST_CASE("an unwell detector hurries less after a refusal too", "[protocol][refusal]") {
  detector_rig r{9};
  for (int i = 0; i < 3; ++i) r.detector.on_self_refuted(r.now);
  refuse(r, 3);
  r.run(1100ms);
  CHECK(r.failures.empty());
  r.run(100ms);
  CHECK(r.failures.size() == 1);
}

TEST_CASE("two accusers who were refused bury without a wait", "[protocol][refusal]") {
  table_rig r;
  r.learn(9);
  r.hear(refused_by(4, 3));
  CHECK(r.table.find(peer(3).node)->state == suspect);
  r.table.on_probe_failed(peer(3), true, r.now);
  r.drain();
  CHECK(r.table.find(peer(3).node)->state == dead);
  CHECK(r.table.counters().deaths_refused == 1);
  CHECK(r.changes.back().previous == suspect);
  r.run(100ms);
  REQUIRE(r.told_about(3));
  CHECK(r.told_about(3)->state == dead);
  CHECK(r.told_about(3)->refused);
}

TEST_CASE("two others may be the two", "[protocol][refusal]") {
  table_rig r;
  r.learn(9);
  r.hear(refused_by(4, 3));
  r.hear(refused_by(5, 3));
  CHECK(r.table.find(peer(3).node)->state == dead);
}

TEST_CASE("one who was refused is not enough, however often it says so", "[protocol][refusal]") {
  table_rig r;
  r.learn(9);
  for (int i = 0; i < 5; ++i) r.hear(refused_by(4, 3));
  r.hear(says(suspect, peer(3), 0, 5));  // Silence alone.
  r.table.on_probe_failed(peer(3), false, r.now);
  r.drain();
  CHECK(r.table.find(peer(3).node)->state == suspect);
  CHECK(r.table.counters().deaths == 0);
}

TEST_CASE("strangers and the accused itself are no witnesses", "[protocol][refusal]") {
  table_rig r;
  r.learn(9);
  for (const auto witness : {std::uint8_t{98}, std::uint8_t{99}, std::uint8_t{3}})
    r.hear(refused_by(witness, 3));
  r.hear(refused_by(4, 3));
  CHECK(r.table.find(peer(3).node)->state == suspect);
  CHECK(r.table.find(peer(3).node)->accusations.size() == 2);
}

TEST_CASE("who was heard in the meantime gets the usual time", "[protocol][refusal]") {
  table_rig r;
  r.learn(9);
  r.hear(refused_by(4, 3));
  r.now += 10ms;
  r.table.on_alive(peer(3), 1ms, r.now);
  r.table.on_probe_failed(peer(3), true, r.now);
  r.drain();
  CHECK(r.table.find(peer(3).node)->state == suspect);
}

TEST_CASE("a refutation wipes out the refusals before it", "[protocol][refusal]") {
  table_rig r;
  r.learn(9);
  r.hear(refused_by(4, 3));
  r.hear(says(alive, peer(3), 1));
  CHECK(r.table.find(peer(3).node)->accusations.empty());
  r.table.on_probe_failed(peer(3), true, r.now);
  r.drain();
  CHECK(r.table.find(peer(3).node)->state == suspect);
}

TEST_CASE("in a small cluster all who hear of a refusal look themselves, in a large one few",
          "[protocol][refusal]") {
  table_rig small;
  small.learn(7);
  small.hear(refused_by(4, 3));
  CHECK(small.asked_to_probe == std::vector{peer(3)});
  small.hear(refused_by(4, 3));
  small.hear(says(suspect, peer(3), 0, 5));
  CHECK(small.asked_to_probe.size() == 1);
  small.hear(says(suspect, peer(2), 0, 5));  // Silence alone makes nobody hurry.
  CHECK(small.asked_to_probe.size() == 1);

  table_rig large;
  large.learn(199);
  for (std::uint8_t n = 2; n < 200; ++n) large.hear(refused_by(1, n));
  CHECK(large.asked_to_probe.size() >= 1);
  CHECK(large.asked_to_probe.size() <= 25);
}

TEST_CASE("news of a refusal does not wait for the tick of gossip", "[protocol][refusal]") {
  const auto first_word = [](bool refused) {
    table_rig r;
    r.learn(9);
    r.run(60s);
    r.packets.clear();
    r.table.on_probe_failed(peer(2), false, r.now);  // Some other news, just told.
    r.run(1ms);
    r.packets.clear();
    const auto said = r.now;
    r.table.on_probe_failed(peer(3), refused, r.now);
    r.drain();
    while (!r.told_about(3)) r.run(1ms);
    return r.now - said;
  };
  CHECK(first_word(false) > 150ms);
  CHECK(first_word(true) <= 50ms);
}

TEST_CASE("a member's view says by whom it is suspected, and why", "[protocol][refusal]") {
  table_rig r;
  r.learn(9);
  r.table.on_probe_failed(peer(3), false, r.now);
  r.drain();
  CHECK(r.changes.back().member.accusations == std::vector<accusation>{{peer(self).node, false}});
  r.hear(refused_by(4, 3));
  CHECK(r.table.find(peer(3).node)->accusations ==
        std::vector<accusation>{{peer(self).node, false}, {peer(4).node, true}});
  r.hear(refused_by(5, 3));
  // Who has died keeps them, so that people can see why.
  CHECK(r.changes.back().member.state == dead);
  CHECK(r.changes.back().member.accusations.size() == 3);
  r.hear(says(dead, peer(2), 0, 6));
  CHECK(r.table.find(peer(2).node)->accusations == std::vector<accusation>{{peer(6).node, false}});
  r.hear(says(alive, peer(2), 1));
  CHECK(r.table.find(peer(2).node)->accusations.empty());
}

TEST_CASE("hearsay in exchanges makes no second accuser", "[protocol][refusal]") {
  table_rig r;
  r.learn(9);
  auto record = says(suspect, peer(3), 0, 4);
  record.profile = swim::member_profile{"n", address_of(3)};
  for (std::uint8_t teller = 5; teller < 8; ++teller)
    r.receive(peer(teller), swim::exchange_part{1, swim::key_range::all(), true}, {record});
  CHECK(r.table.find(peer(3).node)->accusations == std::vector<accusation>{{peer(4).node, false}});
  // And so does our own answer name the accuser, not ourselves.
  r.packets.clear();
  r.receive(peer(5), swim::exchange_request{9, 1, false, {}}, {});
  REQUIRE(r.told_about(3));
  CHECK(r.told_about(3)->accuser == peer(4).node);
}
