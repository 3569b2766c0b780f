// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/local_health.hpp"

#include "tests/catch.hpp"
#include "tests/protocol/membership/detector_rig.hpp"
#include "tests/protocol/membership/table_rig.hpp"

using namespace causerie::protocol;
using namespace std::chrono_literals;
using test::address_of;
using test::detector_rig;
using test::someone;

namespace {

/// Lets the helpers of the probe under way say NACK, all but the last `silent` ones.
void nack(detector_rig& r, std::size_t silent) {
  std::vector<probe_message> requests;
  for (const auto& [at, sent] : r.probes)
    if (sent.kind == probe_kind::ping_request) requests.push_back(sent);
  REQUIRE(requests.size() >= silent);
  requests.resize(requests.size() - silent);
  for (const auto& asked : requests)
    for (int copy = 0; copy < 2; ++copy)
      r.detector.on_message({probe_kind::nack, someone(asked.address.ip[15]), asked.address,
                             asked.nonce, asked.target},
                            r.now);
  r.drain();
}

/// One probe that fails while `silent` of four helpers say nothing.
void fail_once(detector_rig& r, std::size_t silent) {
  r.probes.clear();
  r.run_to(probe_kind::ping_request);
  nack(r, silent);
  const auto before = r.failures.size();
  while (r.failures.size() == before) r.run(100ms);
}

void unwell(detector_rig& r, int score) {
  for (int i = 0; i < score; ++i) r.detector.on_self_refuted(r.now);
  r.drain();
}

}  // namespace

TEST_CASE("health falls by each helper who is silent, by one where nobody was asked",
          "[protocol][local_health]") {
  swim::local_health health;
  health.on_failure(4, 4);
  CHECK(health.score() == 0);
  health.on_failure(4, 1);
  CHECK(health.score() == 3);
  health.on_failure(0, 0);
  CHECK(health.score() == 4);
  health.on_failure(1, 3);  // More answers than questions are no credit.
  CHECK(health.score() == 4);
  health.on_success();
  CHECK(health.score() == 3);
  health.on_refuted();
  CHECK(health.score() == 4);
  health.on_pause();
  CHECK(health.score() == 6);
}

TEST_CASE("health has a floor and a ceiling", "[protocol][local_health]") {
  swim::local_health health;
  health.on_success();
  CHECK(health.score() == 0);
  CHECK(health.scaled(1s) == 1s);
  for (int i = 0; i < 9; ++i) health.on_failure(4, 0);
  CHECK(health.score() == 7);
  CHECK(health.scaled(1s) == 8s);
}

TEST_CASE("a failed probe whose helpers all answer leaves the prober's health alone",
          "[protocol][local_health]") {
  detector_rig r{9};
  fail_once(r, 0);
  CHECK(r.detector.health() == 0);
  CHECK(r.health_told.empty());
}

TEST_CASE("each helper without a NACK counts against the prober", "[protocol][local_health]") {
  detector_rig r{9};
  fail_once(r, 3);
  CHECK(r.detector.health() == 3);
  CHECK(r.health_told == std::vector<std::uint32_t>{3});
}

TEST_CASE("a NACK counts from a helper of this probe alone", "[protocol][local_health]") {
  detector_rig r{9};
  const auto asked = r.run_to(probe_kind::ping_request);
  r.detector.on_message({probe_kind::nack, someone(77), address_of(77), asked.nonce, asked.target},
                        r.now);
  r.detector.on_message({probe_kind::nack, someone(asked.address.ip[15]), asked.address,
                         asked.nonce + 1, asked.target},
                        r.now);
  r.run(600ms);
  REQUIRE(r.failures.size() == 1);
  CHECK(r.detector.health() == 4);
}

TEST_CASE("where nobody can be asked, a failed probe counts once", "[protocol][local_health]") {
  detector_rig r{1};
  while (r.failures.empty()) r.run(100ms);
  CHECK(r.detector.health() == 1);
}

TEST_CASE("every probe that succeeds heals a little", "[protocol][local_health]") {
  detector_rig r{5};
  unwell(r, 3);
  for (std::uint32_t left = 3; left != 0; --left) {
    CHECK(r.detector.health() == left);
    r.probes.clear();
    const auto ping = r.run_to(probe_kind::ping);
    r.acknowledge(ping, ping.target);
  }
  CHECK(r.detector.health() == 0);
  CHECK(r.health_told == std::vector<std::uint32_t>{1, 2, 3, 2, 1, 0});
}

TEST_CASE("who is unwell probes more seldom and waits longer", "[protocol][local_health]") {
  detector_rig r{9};
  unwell(r, 3);
  r.run_to(probe_kind::ping);
  const auto began = r.now;
  r.run(1900ms);
  CHECK(r.count(probe_kind::ping) == 4);
  CHECK(r.count(probe_kind::ping_request) == 0);
  r.run(200ms);
  CHECK(r.count(probe_kind::ping_request) == 4);
  r.run(1800ms);
  CHECK(r.failures.empty());
  nack(r, 0);
  r.run(200ms);
  REQUIRE(r.failures.size() == 1);
  CHECK(r.failures[0].first - began == 4s);
  // Nor does the next probe begin sooner than a period of 4 s after this one.
  CHECK(*r.detector.next_deadline() - began >= 4s);
}

TEST_CASE("who was away distrusts itself afterwards", "[protocol][local_health]") {
  detector_rig r{5};
  r.run_to(probe_kind::ping);
  r.now += 5s;
  r.detector.on_deadline(r.now);
  r.drain();
  CHECK(r.detector.health() == 2);
}

TEST_CASE("an actor's restart says nothing about health", "[protocol][local_health]") {
  detector_rig r{5};
  r.run_to(probe_kind::ping);
  r.detector.on_restarted(r.now);
  CHECK(r.detector.health() == 0);
}

TEST_CASE("the table tells when it had to refute, and shows the health with its own view",
          "[protocol][local_health]") {
  test::table_rig r;
  r.learn(3);
  r.hear(test::says(member_state::suspect, test::peer(test::self), 4));
  CHECK(r.self_refutations == 1);
  // An old doubt is answered, but is no news about our health.
  r.hear(test::says(member_state::suspect, test::peer(test::self), 2));
  CHECK(r.self_refutations == 1);
  r.table.on_health(3);
  CHECK(r.table.find(test::peer(test::self).node)->health == 3);
  CHECK_FALSE(r.table.find(test::peer(1).node)->health);
}
