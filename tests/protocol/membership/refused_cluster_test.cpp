// SPDX-License-Identifier: BSL-1.0
// Refusals in whole clusters: quick deaths of the dead, none of the living.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/protocol/membership/swim_cluster.hpp"

using namespace causerie::protocol;
using namespace std::chrono_literals;
using test::seed_or;
using test::swim_cluster;

namespace {

double seconds(duration span) { return std::chrono::duration<double>(span).count(); }

/// How long until everybody holds the victim dead, from its crash on; sorted. `traffic`: somebody
/// sends to it at once, as in a group that talks.
std::vector<double> kill_times(std::size_t members, double loss, bool traffic, std::uint64_t seed) {
  std::vector<double> times;
  for (std::uint64_t run = 0; run < 30; ++run) {
    swim_cluster cluster{members, seed + run};
    cluster.form();
    cluster.refusals = true;
    cluster.loss = loss;
    cluster.run_for(30s + cluster.random.between(0ms, 1000ms));
    const auto victim = static_cast<std::size_t>(cluster.random.below(members));
    cluster.crash(victim);
    const auto since = cluster.now;
    if (traffic) cluster.refuse((victim + 1) % members, victim);
    const auto gone =
        cluster.run_until([&] { return cluster.gone_everywhere(victim, member_state::dead); }, 90s);
    times.push_back(gone ? seconds(cluster.now - since) : 1e9);
    CHECK(cluster.false_deaths() == 0);
  }
  std::sort(times.begin(), times.end());
  return times;
}

}  // namespace

TEST_CASE("a killed process is buried within a second of its first refusal",
          "[protocol][refusal]") {
  const auto seed = seed_or(100);
  const auto times = kill_times(10, 0, true, seed);
  CAPTURE(seed, times.front(), times[15], times.back());
  CHECK(times[15] <= 0.6);
  CHECK(times.back() <= 1.0);
}

TEST_CASE("an idle cluster finds a killed process with its next knocks", "[protocol][refusal]") {
  const auto seed = seed_or(150);
  const auto [loss, p50_max, max] =
      GENERATE(table<double, double, double>({{0.0, 1.0, 2.0}, {0.3, 2.0, 6.0}}));
  const auto times = kill_times(10, loss, false, seed);
  CAPTURE(seed, loss, times.front(), times[15], times.back());
  CHECK(times[15] <= p50_max);
  CHECK(times.back() <= max);
}

TEST_CASE("without two witnesses there is no short cut", "[protocol][refusal]") {
  const auto times = kill_times(2, 0, true, seed_or(170));
  CHECK(times.front() >= 4.0);
  CHECK(times.back() <= 9.0);
}

TEST_CASE("in a cluster of a hundred a death does not make everybody probe",
          "[protocol][refusal]") {
  swim_cluster cluster{100, seed_or(180)};
  cluster.form(120s);
  cluster.refusals = true;
  cluster.run_for(120s);
  const auto packets = [&] {
    std::uint64_t all = 0;
    for (const auto& node : cluster.nodes) all += node.packets_out;
    return all;
  };
  const auto idle_from = packets();
  cluster.run_for(10s);
  const auto idle = static_cast<double>(packets() - idle_from);
  cluster.crash(7);
  const auto busy_from = packets();
  cluster.refuse(8, 7);
  REQUIRE(cluster.run_until([&] { return cluster.gone_everywhere(7, member_state::dead); }, 10s));
  cluster.run_for(10s);
  const auto busy = static_cast<double>(packets() - busy_from);
  CAPTURE(idle, busy);
  // Gossip: 3 packets a tick for sixteen ticks or so; some ten urgent probes of at most 30 packets.
  CHECK(busy - idle <= 100 * 3 * 20 + 20 * 30);
}

TEST_CASE("forged refusals kill nobody, at twenty percent loss neither", "[protocol][refusal]") {
  const auto seed = seed_or(190);
  CAPTURE(seed);
  for (const auto loss : {0.0, 0.2}) {
    swim_cluster cluster{10, seed};
    cluster.form();
    cluster.loss = loss;
    for (const auto until = cluster.now + 20min; cluster.now < until; cluster.run_for(100ms))
      for (std::size_t i = 1; i < 10; ++i) cluster.refuse(i, 0);
    CHECK(cluster.false_deaths() == 0);
    cluster.loss = 0;
    CHECK(cluster.run_until([&] { return cluster.converged(); }, 60s));
  }
}

TEST_CASE("a process restarted at its address at once is not taken for the dead one",
          "[protocol][refusal]") {
  swim_cluster cluster{6, seed_or(195)};
  cluster.form();
  cluster.refusals = true;
  for (int round = 0; round < 10; ++round) {
    cluster.crash(2);
    cluster.refuse(3, 2);
    cluster.run_for(cluster.random.between(0ms, 400ms));
    cluster.start(2, {0});
    CHECK(cluster.run_until([&] { return cluster.converged(); }, 5s));
    cluster.run_for(20s);
    CHECK(cluster.converged());
  }
}
