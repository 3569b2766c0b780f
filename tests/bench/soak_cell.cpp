// SPDX-License-Identifier: BSL-1.0
#include "tests/bench/soak_cell.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace causerie::bench {

using namespace protocol;
using namespace std::chrono_literals;

namespace {

double seconds(duration span) { return std::chrono::duration<double>(span).count(); }

membership_config settings_of(const soak_options& asked) {
  membership_config settings;
  settings.plain_swim = asked.plain_swim;
  return settings;
}

double quantile(std::vector<double> sorted, double share) {
  if (sorted.empty()) return 0;
  std::sort(sorted.begin(), sorted.end());
  const auto place = std::ceil(share * static_cast<double>(sorted.size())) - 1;
  return sorted[static_cast<std::size_t>(std::max(place, 0.0))];
}

struct bar {
  std::size_t members;
  double loss, p50_s, p99_s, false_dead_per_1000_hours;
};
constexpr bar bars[] = {{10, 0.0, 7, 12, 0},    {10, 0.2, 8, 15, 0},      {10, 0.4, 10, 20, 1},
                        {100, 0.0, 12, 16, 0},  {100, 0.2, 13, 20, 0},    {100, 0.4, 15, 30, 1},
                        {1000, 0.0, 17, 24, 0}, {1000, 0.2, 18, 28, 0.1}, {1000, 0.4, 22, 45, 0.5}};

}  // namespace

std::vector<std::string> missed_bars(const soak_figures& shown, const soak_options& asked) {
  std::vector<std::string> missed;
  const auto at_most = [&](const char* what, double is, double limit) {
    if (is > limit) missed.push_back(fmt::format("{}: {:.2f}, at most {:.2f}", what, is, limit));
  };
  at_most("crashes that not everybody saw", static_cast<double>(shown.crashes_unseen), 0);
  for (const auto& each : bars) {
    if (each.members != shown.members || each.loss != shown.loss) continue;
    at_most("dead everywhere, p50 s", shown.dead_p50_s, each.p50_s);
    at_most("dead everywhere, p99 s", shown.dead_p99_s, each.p99_s);
    at_most("false dead per 1,000 h", shown.false_dead_per_1000_hours(),
            asked.pauses ? 0 : each.false_dead_per_1000_hours);
  }
  if (!asked.pauses && shown.loss == 0)
    at_most("bytes a second of an idle node", shown.bytes_per_s, shown.members <= 10 ? 400 : 1024);
  return missed;
}

soak_cell::soak_cell(std::size_t members, double loss, const soak_options& asked)
    : asked_{asked}, cluster_{members, asked.seed, settings_of(asked)} {
  shown_.members = members;
  shown_.loss = loss;
  cluster_.keep_changes = false;
  cluster_.refusals = asked.refusals;
  if (asked.pauses) pausers_.resize((members + 3) / 4);
}

soak_figures soak_cell::run() {
  form();
  cluster_.loss = shown_.loss;
  cluster_.run_for(60s);
  cluster_.on_false_death = [this](std::size_t, std::size_t victim) { count_false_death(victim); };
  live_on();
  crash_some();
  return shown_;
}

void soak_cell::form() {
  cluster_.start(0, {});
  for (std::size_t i = 1; i < cluster_.nodes.size(); ++i) {
    const auto through = static_cast<std::size_t>(cluster_.random.below(i));
    cluster_.start(i, {through, 0});
    cluster_.run_for(20ms);
  }
  for (int tries = 0; tries < 60 && !cluster_.complete(); ++tries) cluster_.run_for(5s);
  CAUSERIE_ASSERT(cluster_.complete());
}

std::uint64_t soak_cell::sum_of(std::uint64_t test::swim_cluster::node::*field) const {
  std::uint64_t sum = 0;
  for (const auto& node : cluster_.nodes) sum += node.*field;
  return sum;
}

void soak_cell::live_on() {
  const auto members = static_cast<double>(shown_.members);
  const auto span = duration{static_cast<duration::rep>(asked_.node_hours / members * 3.6e12)};
  const auto packets = sum_of(&test::swim_cluster::node::packets_out);
  const auto bytes = sum_of(&test::swim_cluster::node::bytes_out);
  pass(span);
  const auto node_seconds = std::max(seconds(span) * members, 1e-9);
  const auto sent = sum_of(&test::swim_cluster::node::packets_out) - packets;
  shown_.packets_per_s = static_cast<double>(sent) / node_seconds;
  shown_.bytes_per_s =
      static_cast<double>(sum_of(&test::swim_cluster::node::bytes_out) - bytes) / node_seconds;
  shown_.node_hours = seconds(span) * members / 3600;
  for (const auto& node : cluster_.nodes) shown_.suspicions += node.table->counters().suspicions;
}

void soak_cell::pass(duration span) {
  if (pausers_.empty()) return cluster_.run_for(span);
  for (const auto until = cluster_.now + span; cluster_.now < until; cluster_.run_for(100ms))
    for (std::size_t i = 0; i < pausers_.size(); ++i) {
      auto& who = pausers_[i];
      if (cluster_.now < who.until) continue;
      if (who.paused)
        cluster_.resume(i);
      else if (who.until != instant{})
        cluster_.pause(i);
      who.paused = cluster_.nodes[i].paused;
      who.until = cluster_.now + (who.paused ? cluster_.random.between(5000ms, 30000ms) : waking());
    }
}

/// From 100 ms to 30 s, as many short as long: whoever stops again before it has read what piled up
/// is the worst judge of others (Lifeguard, section V).
duration soak_cell::waking() {
  const auto span = 0.1 * std::pow(300, cluster_.random.unit());
  return duration{static_cast<duration::rep>(span * 1e9)};
}

void soak_cell::count_false_death(std::size_t victim) {
  auto& last = died_at_[victim];
  if (last != instant{} && cluster_.now - last < 60s) return;
  last = cluster_.now;
  ++(victim < pausers_.size() ? shown_.paused_dead : shown_.false_dead);
}

void soak_cell::crash_some() {
  std::vector<double> times;
  shown_.crashes = asked_.crashes;
  for (std::size_t i = 0; i < asked_.crashes; ++i) {
    // Not of those who pause: their death may be no news.
    const auto healthy = cluster_.nodes.size() - pausers_.size();
    const auto victim = pausers_.size() + static_cast<std::size_t>(cluster_.random.below(healthy));
    const auto took = crash_one(victim);
    took ? times.push_back(*took) : void(++shown_.crashes_unseen);
    const auto through = (victim + 1) % cluster_.nodes.size();
    cluster_.start(victim, {through, pausers_.size() == 0 ? 0 : cluster_.nodes.size() - 1});
    pass(30s + cluster_.random.between(0ms, 3000ms));
  }
  shown_.dead_p50_s = quantile(times, 0.5);
  shown_.dead_p99_s = quantile(times, 0.99);
}

std::optional<double> soak_cell::crash_one(std::size_t victim) {
  cluster_.crash(victim);
  const auto since = cluster_.now;
  const auto everywhere = [&] {
    for (std::size_t i = 0; i < cluster_.nodes.size(); ++i)
      if (i != victim && !cluster_.nodes[i].paused &&
          cluster_.view(i, victim) != member_state::dead)
        return false;
    return true;
  };
  while (cluster_.now - since < 180s) {
    if (everywhere()) return seconds(cluster_.now - since);
    pass(100ms);
  }
  return std::nullopt;
}

}  // namespace causerie::bench
