// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/failure_detector.hpp"

#include <map>

#include "protocol/membership/loss_meter.hpp"
#include "protocol/membership/probe_relays.hpp"
#include "protocol/membership/probe_ring.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/membership/detector_rig.hpp"

using namespace causerie::protocol;
using namespace std::chrono_literals;

using rig = test::detector_rig;
using test::address_of;
using test::someone;

TEST_CASE("a detector without targets sleeps", "[protocol][failure_detector]") {
  const rig idle{0};
  CHECK_FALSE(idle.detector.next_deadline());
}

TEST_CASE("one member is probed a period, each once a round", "[protocol][failure_detector]") {
  rig r{5};
  std::map<node_id, int> probed;
  for (int period = 0; period < 10; ++period) {
    r.probes.clear();
    const auto ping = r.run_to(probe_kind::ping);
    r.acknowledge(ping, ping.target);
    ++probed[ping.target.node];
  }
  CHECK(probed.size() == 5);
  for (const auto& [node, times] : probed) CHECK(times == 2);
  CHECK(r.now - r.probes.back().first < 1s);
}

TEST_CASE("an acknowledged probe costs one ping and measures the round trip",
          "[protocol][failure_detector]") {
  rig r{3};
  const auto ping = r.run_to(probe_kind::ping);
  CHECK(ping.address == address_of(ping.target.node.octets[0]));
  r.now += 7ms;
  r.acknowledge(ping, ping.target);
  REQUIRE(r.alive.size() == 1);
  CHECK(r.alive[0].round_trip == 7ms);
  CHECK(*r.detector.next_deadline() - r.now > 900ms);
  // A copy of the ACK changes nothing.
  r.acknowledge(ping, ping.target);
  CHECK(r.alive.size() == 1);
}

TEST_CASE("a silent member gets four direct pings, then others are asked twice, then it is accused",
          "[protocol][failure_detector]") {
  rig r{9};
  const auto ping = r.run_to(probe_kind::ping);
  const auto began = r.now;
  r.run(499ms);
  CHECK(r.count(probe_kind::ping) == 4);
  CHECK(r.count(probe_kind::ping_request) == 0);
  r.run(2ms);
  CHECK(r.count(probe_kind::ping_request) == 4);
  CHECK(r.failures.empty());
  r.run(400ms);
  CHECK(r.count(probe_kind::ping_request) == 8);
  CHECK(r.failures.empty());
  r.run(100ms);
  REQUIRE(r.failures.size() == 1);
  CHECK(r.failures[0].second == ping.target);
  CHECK(r.failures[0].first - began == 1s);
}

TEST_CASE("an answer through a helper saves the target", "[protocol][failure_detector]") {
  rig r{5};
  const auto ping = r.run_to(probe_kind::ping);
  const auto request = r.run_to(probe_kind::ping_request);
  CHECK(request.target == ping.target);
  CHECK(request.target_address == ping.address);
  CHECK(request.address != ping.address);
  r.detector.on_message({probe_kind::ack, someone(42), {}, request.nonce, ping.target}, r.now);
  r.drain();
  REQUIRE(r.alive.size() == 1);
  CHECK(r.alive[0].who == ping.target);
  CHECK_FALSE(r.alive[0].round_trip);
  CHECK(r.failures.empty());
}

TEST_CASE("an ACK that answers no ping of ours counts for nothing",
          "[protocol][failure_detector]") {
  rig r{3};
  auto ping = r.run_to(probe_kind::ping);
  auto forged = ping;
  forged.nonce += 1;
  r.acknowledge(forged, ping.target);
  r.acknowledge(ping, someone(77));  // The right nonce from a stranger, before anyone was asked.
  CHECK(r.alive.empty());
}

TEST_CASE("hearing the target on its session is an answer", "[protocol][failure_detector]") {
  rig r{3};
  const auto ping = r.run_to(probe_kind::ping);
  r.detector.on_heard({ping.target.node, boot_epoch{9}}, r.now);
  r.drain();
  CHECK(r.alive.empty());
  r.detector.on_heard(ping.target, r.now);
  r.drain();
  CHECK(r.alive.size() == 1);
}

TEST_CASE("a ping is answered once, one for an earlier life is not",
          "[protocol][failure_detector]") {
  rig r{0};
  r.detector.on_message({probe_kind::ping, someone(5), address_of(5), 99, someone(0)}, r.now);
  r.drain();
  REQUIRE(r.count(probe_kind::ack) == 1);
  CHECK(r.probes[0].second.nonce == 99);
  CHECK(r.probes[0].second.address == address_of(5));
  r.detector.on_message(
      {probe_kind::ping, someone(5), address_of(5), 99, {someone(0).node, boot_epoch{7}}}, r.now);
  r.drain();
  CHECK(r.count(probe_kind::ack) == 1);
}

TEST_CASE("a helper pings the target and passes the answer on twice",
          "[protocol][failure_detector]") {
  rig r{2};
  const probe_message request{
      probe_kind::ping_request, someone(8), address_of(8), 500, someone(2), address_of(2)};
  r.detector.on_message(request, r.now);
  r.detector.on_message(request, r.now);  // The second copy of the request.
  r.drain();
  REQUIRE(r.count(probe_kind::ping) == 1);
  const auto ping = r.probes[0].second;
  CHECK(ping.target == someone(2));
  r.acknowledge(ping, someone(2));
  REQUIRE(r.count(probe_kind::ack) == 2);
  const auto passed_on = *r.first(probe_kind::ack);
  CHECK(passed_on.nonce == 500);
  CHECK(passed_on.address == address_of(8));
  CHECK(passed_on.target == someone(2));
}

TEST_CASE("a helper says so when the target is silent or unknown", "[protocol][failure_detector]") {
  rig r{2};
  const auto asked = r.now;
  r.detector.on_message({probe_kind::ping_request, someone(8), address_of(8), 500, someone(2)},
                        r.now);
  r.drain();
  r.run_to(probe_kind::nack);
  CHECK(r.count(probe_kind::nack) == 2);  // One of them may be lost.
  // 80 % of what an asker has left who was heard only the second time.
  CHECK(r.now - asked == 320ms);
  r.probes.clear();
  // Nobody is pinged on the word of another: an address of a stranger may be anyone's.
  r.detector.on_message(
      {probe_kind::ping_request, someone(8), address_of(8), 501, someone(66), address_of(66)},
      r.now);
  r.drain();
  CHECK(r.count(probe_kind::ping) == 0);
  CHECK(r.count(probe_kind::nack) == 1);
}

TEST_CASE("helpers are few at a time", "[protocol][failure_detector]") {
  rig r{2};
  for (std::uint64_t nonce = 0; nonce < 1000; ++nonce)
    r.detector.on_message({probe_kind::ping_request, someone(8), address_of(8), nonce, someone(2)},
                          r.now);
  r.drain();
  CHECK(r.count(probe_kind::ping) == swim::probe_relays::running_max);
}

TEST_CASE("where nobody can be asked, the pings go on", "[protocol][failure_detector]") {
  rig r{1};
  r.run_to(probe_kind::ping);
  r.run(1s);
  CHECK(r.count(probe_kind::ping) >= 8);
  CHECK(r.failures.size() == 1);
}

TEST_CASE("on a lossy network only two failed probes in a row accuse",
          "[protocol][failure_detector]") {
  rig r{1};
  // Answers to the third ping of each probe: two of three tries are lost.
  for (int period = 0; period < 5; ++period) {
    r.probes.clear();
    while (r.count(probe_kind::ping) < 3) r.run(10ms);
    r.acknowledge(r.probes.back().second, someone(1));
  }
  r.probes.clear();
  r.run_to(probe_kind::ping);
  const auto began = r.now;
  r.run(1500ms);
  CHECK(r.failures.empty());
  r.run(1s);
  REQUIRE(r.failures.size() == 1);
  CHECK(r.failures[0].first - began >= 2s);
}

TEST_CASE("after a pause of its own the detector accuses nobody", "[protocol][failure_detector]") {
  for (const auto pause : {3s, 30s}) {
    rig r{5};
    const auto ping = r.run_to(probe_kind::ping);
    r.run(200ms);
    r.now += pause;
    r.detector.on_deadline(r.now);
    r.drain();
    CHECK(r.failures.empty());
    CHECK(*r.detector.next_deadline() > r.now);
    // What was probed before counts no more, and probing goes on.
    r.acknowledge(ping, ping.target);
    CHECK(r.alive.empty());
    r.probes.clear();
    r.run(1s);
    CHECK(r.count(probe_kind::ping) >= 1);
  }
}

TEST_CASE("a member that is gone or reborn ends its probe", "[protocol][failure_detector]") {
  rig r{1};
  r.run_to(probe_kind::ping);
  const incarnation reborn{someone(1).node, boot_epoch{2}};
  r.detector.on_target(reborn, address_of(1), true, false, r.now);
  r.run(1500ms);
  CHECK(r.probes.back().second.target == reborn);
  for (const auto& [at, who] : r.failures) CHECK(who == reborn);
  r.detector.on_target(reborn, address_of(1), false, false, r.now);
  CHECK_FALSE(r.detector.next_deadline());
}

TEST_CASE("a suspect's ping says so", "[protocol][failure_detector]") {
  rig r{1};
  r.detector.on_target(someone(1), address_of(1), true, true, r.now);
  CHECK(r.run_to(probe_kind::ping).suspected);
}

TEST_CASE("a ring visits everyone once a round, newcomers too", "[protocol][probe_ring]") {
  random_source random{1};
  swim::probe_ring ring;
  for (std::uint8_t n = 0; n < 20; ++n) ring.add(someone(n).node, random);
  for (int round = 0; round < 5; ++round) {
    std::map<node_id, int> seen;
    for (int i = 0; i < 20; ++i) ++seen[*ring.next(random)];
    CHECK(seen.size() == 20);
  }
  for (int i = 0; i < 7; ++i) (void)ring.next(random);
  ring.remove(someone(3).node);
  ring.add(someone(30).node, random);
  std::map<node_id, int> seen;
  for (int i = 0; i < 40; ++i) ++seen[*ring.next(random)];
  CHECK(seen.size() == 20);
  CHECK_FALSE(seen.contains(someone(3).node));
}

TEST_CASE("the loss meter follows the loss", "[protocol][loss_meter]") {
  random_source random{1};
  for (const auto loss : {0.0, 0.05, 0.4}) {
    swim::loss_meter meter;
    double sum = 0;
    for (int probe = 0; probe < 3000; ++probe) {
      std::size_t lost = 0;
      while (random.chance(loss)) ++lost;
      meter.on_answered(lost);
      if (probe >= 1000) sum += meter.loss();
    }
    CHECK(sum / 2000 == Approx(loss).margin(0.05));
  }
}
