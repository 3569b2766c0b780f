// SPDX-License-Identifier: BSL-1.0
#include "tests/protocol/membership/swim_cluster.hpp"

#include <algorithm>

#include "tests/catch.hpp"

using namespace causerie::protocol;
using namespace std::chrono_literals;
using test::seed_or;
using test::swim_cluster;

namespace {

double seconds(duration span) { return std::chrono::duration<double>(span).count(); }

/// Times from a crash until every survivor holds the member dead, sorted.
std::vector<double> crash_times(std::size_t members, double loss, std::size_t runs,
                                std::uint64_t seed, const membership_config& settings = {}) {
  std::vector<double> times;
  for (std::size_t run = 0; run < runs; ++run) {
    swim_cluster cluster{members, seed + run, settings};
    cluster.form();
    cluster.loss = loss;
    cluster.run_for(30s + cluster.random.between(0ms, 1000ms));
    const auto victim = static_cast<std::size_t>(cluster.random.below(members));
    cluster.crash(victim);
    const auto since = cluster.now;
    const auto gone =
        cluster.run_until([&] { return cluster.gone_everywhere(victim, member_state::dead); }, 90s);
    times.push_back(gone ? seconds(cluster.now - since) : 1e9);
    CHECK(cluster.false_deaths() == 0);
  }
  std::sort(times.begin(), times.end());
  return times;
}

void partition(swim_cluster& cluster, std::size_t first_of_second_half) {
  for (std::size_t i = 0; i < cluster.nodes.size(); ++i)
    for (std::size_t j = 0; j < cluster.nodes.size(); ++j)
      if ((i < first_of_second_half) != (j < first_of_second_half)) cluster.cut.insert({i, j});
}

}  // namespace

TEST_CASE("ten nodes that join through one of them all see each other", "[protocol][swim]") {
  const auto seed = seed_or(1);
  CAPTURE(seed);
  swim_cluster cluster{10, seed};
  cluster.audit = true;
  cluster.start(0, {});
  CHECK(cluster.nodes[0].ready == 1);
  for (std::size_t i = 1; i < 10; ++i) cluster.start(i, {0});
  REQUIRE(cluster.run_until([&] { return cluster.converged(); }, 5s));
  for (const auto& node : cluster.nodes) CHECK(node.ready == 1);
}

TEST_CASE("a join storm of sixty converges, at forty percent loss too", "[protocol][swim]") {
  for (const auto loss : {0.0, 0.4}) {
    const auto seed = seed_or(2);
    CAPTURE(seed, loss);
    swim_cluster cluster{60, seed};
    cluster.loss = loss;
    cluster.start(0, {});
    // Every member serves as a way in, whether it is ready itself or not.
    for (std::size_t i = 1; i < 60; ++i) cluster.start(i, {i / 2, i - 1});
    CHECK(cluster.run_until([&] { return cluster.complete(); }, 60s));
    cluster.loss = 0;
    CHECK(cluster.run_until([&] { return cluster.converged(); }, 30s));
    CHECK(cluster.false_deaths() == 0);
  }
}

TEST_CASE("nodes that name each other as seeds find together", "[protocol][swim]") {
  swim_cluster cluster{4, seed_or(3)};
  for (std::size_t i = 0; i < 4; ++i) cluster.start(i, {0, 1, 2, 3});
  CHECK(cluster.run_until([&] { return cluster.converged(); }, 10s));
  cluster.run_for(2s);
  for (const auto& node : cluster.nodes) CHECK(node.ready == 1);
}

TEST_CASE("a crash is known everywhere within the bound, whatever the loss", "[protocol][swim]") {
  const auto seed = seed_or(100);
  const auto [loss, p50_max, p99_max] = GENERATE(
      table<double, double, double>({{0.0, 7.0, 12.0}, {0.2, 8.0, 15.0}, {0.4, 10.0, 20.0}}));
  const auto times = crash_times(10, loss, 40, seed);
  CAPTURE(seed, loss, times.front(), times[20], times.back());
  CHECK(times[20] <= p50_max);
  CHECK(times.back() <= p99_max);
  // Nobody is dead sooner than a failed probe and the shortest suspicion.
  CHECK(times.front() >= 4.0);
}

TEST_CASE("on a local network a crash is known in half the time", "[protocol][swim]") {
  const auto seed = seed_or(150);
  const auto [loss, p50_max, slow_max] =
      GENERATE(table<double, double, double>({{0.0, 3.5, 6.0}, {0.2, 4.0, 7.5}, {0.4, 5.0, 10.0}}));
  const auto times = crash_times(10, loss, 40, seed, membership_config::lan());
  CAPTURE(seed, loss, times.front(), times[20], times[38], times.back());
  CHECK(times[20] <= p50_max);
  CHECK(times[38] <= slow_max);  // All but the slowest of forty.
  CHECK(times.front() >= 2.0);
}

TEST_CASE("nobody who lives is declared dead at twenty percent loss", "[protocol][swim]") {
  const auto members = GENERATE(std::size_t{2}, std::size_t{3}, std::size_t{10});
  const auto seed = seed_or(200);
  CAPTURE(seed, members);
  swim_cluster cluster{members, seed};
  cluster.form();
  cluster.loss = 0.2;
  cluster.run_for(2h);
  CHECK(cluster.false_deaths() == 0);
  CHECK(cluster.run_until([&] { return cluster.converged(); }, 60s));
}

TEST_CASE("forty percent loss kills nobody either", "[protocol][swim]") {
  const auto members = GENERATE(std::size_t{2}, std::size_t{3}, std::size_t{10});
  const auto seed = seed_or(300);
  CAPTURE(seed, members);
  swim_cluster cluster{members, seed};
  cluster.form();
  cluster.loss = 0.4;
  cluster.run_for(1h);
  CHECK(cluster.false_deaths() == 0);
  cluster.loss = 0;
  CHECK(cluster.run_until([&] { return cluster.converged(); }, 60s));
}

TEST_CASE("a pause of three seconds kills nobody, and the paused accuse nobody",
          "[protocol][swim]") {
  const auto seed = seed_or(400);
  CAPTURE(seed);
  for (const auto loss : {0.0, 0.3}) {
    swim_cluster cluster{10, seed};
    cluster.form();
    cluster.loss = loss;
    for (int round = 0; round < 60; ++round) {
      const auto who = static_cast<std::size_t>(cluster.random.below(10));
      cluster.run_for(cluster.random.between(5000ms, 9000ms));
      cluster.pause(who);
      cluster.run_for(3s);
      cluster.resume(who);
    }
    CAPTURE(loss);
    CHECK(cluster.false_deaths() == 0);
  }
}

TEST_CASE("a member paused for long comes back within ten seconds and buries nobody",
          "[protocol][swim]") {
  const auto seed = seed_or(500);
  CAPTURE(seed);
  for (std::uint64_t run = 0; run < 10; ++run) {
    swim_cluster cluster{10, seed + run};
    cluster.form();
    cluster.run_for(cluster.random.between(0ms, 2000ms));
    cluster.pause(3);
    cluster.run_for(25s);
    CHECK(cluster.gone_everywhere(3, member_state::dead) == true);
    cluster.resume(3);
    CHECK(cluster.run_until([&] { return cluster.converged(); }, 10s));
    for (const auto& change : cluster.changes)
      CHECK_FALSE((change.observer == 3 && change.member.state == member_state::dead));
  }
}

TEST_CASE("who is suspected and lives always refutes", "[protocol][swim]") {
  const auto seed = seed_or(600);
  CAPTURE(seed);
  swim_cluster cluster{8, seed};
  cluster.form();
  for (int round = 0; round < 20; ++round) {
    cluster.loss = round % 2 == 0 ? 0.0 : 0.3;
    const auto accuser = static_cast<std::size_t>(cluster.random.below(8));
    const auto accused = (accuser + 1 + static_cast<std::size_t>(cluster.random.below(7))) % 8;
    auto& table = *cluster.nodes[accuser].table;
    table.on_probe_failed(cluster.nodes[accused].who, false, cluster.now);
    CHECK(cluster.view(accuser, accused) == member_state::suspect);
    cluster.run_for(30s);
    CHECK(cluster.view(accuser, accused) == member_state::alive);
  }
  CHECK(cluster.false_deaths() == 0);
  std::uint64_t refutations = 0;
  for (const auto& node : cluster.nodes) refutations += node.table->counters().refutations;
  CHECK(refutations >= 20);
}

TEST_CASE("a restarted node replaces its earlier life without waiting for its death",
          "[protocol][swim]") {
  swim_cluster cluster{5, seed_or(700)};
  cluster.form();
  const auto before = cluster.nodes[2].who;
  cluster.crash(2);
  cluster.run_for(500ms);
  cluster.start(2, {0});
  CHECK(cluster.run_until([&] { return cluster.converged(); }, 3s));
  std::size_t replaced = 0;
  for (const auto& change : cluster.changes)
    if (change.member.who == cluster.nodes[2].who && change.observer != 2) {
      CHECK(change.previous == member_state::alive);
      ++replaced;
    }
  CHECK(replaced == 4);
  CHECK(number(before.epoch) < number(cluster.nodes[2].who.epoch));
  cluster.run_for(60s);
  CHECK(cluster.converged());
}

TEST_CASE("all nodes restarting at once find together again", "[protocol][swim]") {
  swim_cluster cluster{20, seed_or(750)};
  cluster.form();
  for (std::size_t i = 0; i < 20; ++i) cluster.crash(i);
  for (std::size_t i = 0; i < 20; ++i) cluster.start(i, {(i + 1) % 20, (i + 7) % 20});
  CHECK(cluster.run_until([&] { return cluster.converged(); }, 60s));
}

TEST_CASE("who leaves is known as left, not as dead", "[protocol][swim]") {
  for (const auto loss : {0.0, 0.4}) {
    swim_cluster cluster{10, seed_or(800)};
    cluster.form();
    cluster.loss = loss;
    cluster.leave(4);
    CHECK_FALSE(cluster.nodes[4].table->left_enough());
    cluster.run_for(500ms);
    CHECK(cluster.nodes[4].table->left_enough());
    cluster.crash(4);
    CAPTURE(loss);
    CHECK(cluster.run_until([&] { return cluster.gone_everywhere(4, member_state::left); }, 10s));
    for (const auto& change : cluster.changes) CHECK(change.member.state != member_state::dead);
  }
}

TEST_CASE("halves of a partition bury each other and merge when it heals", "[protocol][swim]") {
  const auto minutes = GENERATE(2, 20);
  const auto seed = seed_or(900);
  CAPTURE(seed, minutes);
  swim_cluster cluster{20, seed};
  cluster.form();
  partition(cluster, 9);
  cluster.run_for(std::chrono::minutes{minutes});
  CHECK(cluster.view(0, 15) == member_state::dead);
  CHECK(cluster.view(15, 0) == member_state::dead);
  CHECK(cluster.view(0, 8) == member_state::alive);
  cluster.cut.clear();
  CHECK(cluster.run_until([&] { return cluster.converged(); }, 90s));
}

TEST_CASE("newcomers who found only each other meet the cluster when it can be reached",
          "[protocol][swim]") {
  swim_cluster cluster{8, 5};
  cluster.start(0, {});
  for (std::size_t i = 1; i < 6; ++i) cluster.start(i, {0});
  REQUIRE(cluster.run_until([&] { return cluster.converged(); }, 20s));
  partition(cluster, 6);
  cluster.start(6, {0, 1, 2});
  cluster.start(7, {3, 6, 4});
  // Each is answered by the other, who knows as little: no packet has reached the cluster.
  const auto lonely = [&](std::size_t i) { return cluster.nodes[i].table->is_ready(); };
  REQUIRE(cluster.run_until([&] { return lonely(6) && lonely(7); }, 20s));
  cluster.run_for(60s);
  REQUIRE(cluster.nodes[6].table->members().size() == 2);
  cluster.cut.clear();
  CHECK(cluster.run_until([&] { return cluster.converged(); }, 15s));
}

TEST_CASE("an address given is asked no more once a member has been heard there",
          "[protocol][swim]") {
  swim_cluster cluster{4, 6};
  cluster.start(0, {});
  for (std::size_t i = 1; i < 3; ++i) cluster.start(i, {0, 1, 2});
  cluster.run_for(30s);
  const auto visits = [&](std::size_t i) {
    return cluster.nodes[i].table->counters().seeds_visited;
  };
  const auto before = visits(1) + visits(2);
  CHECK(before <= 4);
  cluster.run_for(60s);
  CHECK(visits(1) + visits(2) == before);
  // Nobody is where the fourth would be: it is asked for ever, seldom, and found when it comes.
  cluster.crash(2);
  cluster.start(2, {0, 3});
  cluster.run_for(60s);
  CHECK(visits(2) >= 10);
  CHECK(visits(2) <= 13);
  cluster.start(3, {});
  CHECK(cluster.run_until([&] { return cluster.converged(); }, 6s));
}

TEST_CASE("a link cut one way does not split the cluster", "[protocol][swim]") {
  swim_cluster cluster{6, seed_or(950)};
  cluster.form();
  cluster.cut.insert({1, 2});
  cluster.cut.insert({3, 4});
  cluster.cut.insert({4, 3});
  cluster.run_for(10min);
  CHECK(cluster.false_deaths() == 0);
}

TEST_CASE("everyone learns who is in a group", "[protocol][swim]") {
  const auto lobby = make_group_id("causerie", "lobby");
  for (const auto loss : {0.0, 0.4}) {
    swim_cluster cluster{12, seed_or(1000)};
    cluster.form();
    cluster.loss = loss;
    const auto sees = [&](std::size_t observer, std::size_t count) {
      return cluster.nodes[observer].table->directory(lobby).size() == count;
    };
    const auto all_see = [&](std::size_t count) {
      for (std::size_t i = 0; i < cluster.nodes.size(); ++i)
        if (cluster.nodes[i].up && !sees(i, count)) return false;
      return true;
    };
    for (std::size_t i = 0; i < 5; ++i) cluster.announce(i, lobby, true);
    CAPTURE(loss);
    CHECK(cluster.run_until([&] { return all_see(5); }, 40s));
    CHECK(cluster.nodes[11].directories_changed.contains(lobby));
    cluster.announce(2, lobby, false);
    CHECK(cluster.run_until([&] { return all_see(4); }, 40s));
    cluster.crash(3);
    CHECK(cluster.run_until([&] { return all_see(3); }, 40s));
    // Who restarts says it anew: the earlier life's word is worth nothing.
    cluster.start(3, {0});
    CHECK(cluster.run_until([&] { return cluster.converged(); }, 20s));
    CHECK(all_see(3));
  }
}

TEST_CASE("a table of five hundred reaches a newcomer in parts, through loss", "[protocol][swim]") {
  swim_cluster cluster{500, seed_or(1100)};
  cluster.start(0, {});
  for (std::size_t i = 1; i < 499; ++i) {
    cluster.start(i, {0});
    cluster.run_for(5ms);
  }
  const auto knows_all = [&](std::size_t i) {
    return cluster.nodes[i].table->members().size() == 499;
  };
  REQUIRE(cluster.run_until([&] { return knows_all(0); }, 20s));
  cluster.run_for(10s);
  cluster.loss = 0.4;
  cluster.start(499, {0});
  REQUIRE(cluster.run_until([&] { return cluster.nodes[499].ready == 1; }, 15s));
  CHECK(cluster.nodes[499].table->members().size() == 500);
}

TEST_CASE("idle members are quiet", "[protocol][swim]") {
  swim_cluster cluster{10, seed_or(1200)};
  cluster.form();
  cluster.run_for(60s);
  const auto bytes = cluster.nodes[5].bytes_out;
  const auto wakeups = cluster.nodes[5].wakeups;
  cluster.run_for(600s);
  const auto a_second = static_cast<double>(cluster.nodes[5].bytes_out - bytes) / 600;
  const auto wakeups_a_second = static_cast<double>(cluster.nodes[5].wakeups - wakeups) / 600;
  CAPTURE(a_second, wakeups_a_second);
  CHECK(a_second <= 400);
  CHECK(wakeups_a_second <= 2.5);
}

TEST_CASE("the same seed gives the same run", "[protocol][swim]") {
  const auto digest = [](std::uint64_t seed) {
    swim_cluster cluster{8, seed};
    cluster.form();
    cluster.loss = 0.3;
    cluster.run_for(120s);
    cluster.crash(3);
    cluster.run_for(60s);
    std::vector<std::uint64_t> numbers;
    for (const auto& node : cluster.nodes) numbers.push_back(node.bytes_out);
    for (const auto& change : cluster.changes)
      numbers.push_back(static_cast<std::uint64_t>(change.at.time_since_epoch().count()));
    return numbers;
  };
  CHECK(digest(7) == digest(7));
  CHECK(digest(7) != digest(8));
}

TEST_CASE("who starts settled knows all, has no news and goes on so", "[protocol][swim]") {
  swim_cluster cluster{30, seed_or(950)};
  cluster.audit = true;
  cluster.start_settled();
  CHECK(cluster.converged());
  for (const auto& node : cluster.nodes) CHECK(node.ready == 1);
  cluster.run_for(60s);
  CHECK(cluster.converged());
  for (const auto& node : cluster.nodes) CHECK(node.table->counters().suspicions == 0);
  cluster.crash(7);
  CHECK(cluster.run_until([&] { return cluster.gone_everywhere(7, member_state::dead); }, 30s));
}
