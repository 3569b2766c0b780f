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

membership_config settings_of(const soak_place& where, const soak_options& asked) {
  auto settings = asked.lan ? membership_config::lan() : membership_config{};
  settings.plain_swim = where.plain_swim;
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

void soak_figures::add(const soak_figures& other) {
  node_hours += other.node_hours;
  idle_hours += other.idle_hours;
  dead_after_s.insert(dead_after_s.end(), other.dead_after_s.begin(), other.dead_after_s.end());
  crashes_unseen += other.crashes_unseen;
  false_dead += other.false_dead;
  paused_dead += other.paused_dead;
  suspicions += other.suspicions;
  packets += other.packets;
  bytes += other.bytes;
}

double soak_figures::dead_quantile_s(double share) const { return quantile(dead_after_s, share); }
double soak_figures::false_dead_per_1000_hours() const {
  return node_hours > 0 ? 1000 * static_cast<double>(false_dead) / node_hours : 0;
}
double soak_figures::packets_per_s() const {
  return idle_hours > 0 ? static_cast<double>(packets) / (3600 * idle_hours) : 0;
}
double soak_figures::bytes_per_s() const {
  return idle_hours > 0 ? static_cast<double>(bytes) / (3600 * idle_hours) : 0;
}

std::vector<std::string> missed_bars(const soak_figures& shown) {
  std::vector<std::string> missed;
  const auto at_most = [&](const char* what, double is, double limit) {
    if (is > limit) missed.push_back(fmt::format("{}: {:.2f}, at most {:.2f}", what, is, limit));
  };
  const auto& where = shown.where;
  if (where.plain_swim) return missed;
  at_most("crashes that not everybody saw", static_cast<double>(shown.crashes_unseen), 0);
  for (const auto& each : bars) {
    if (each.members != where.members || each.loss != where.loss) continue;
    at_most("dead everywhere, p50 s", shown.dead_quantile_s(0.5), each.p50_s);
    at_most("dead everywhere, p99 s", shown.dead_quantile_s(0.99), each.p99_s);
    at_most("false dead per 1,000 h", shown.false_dead_per_1000_hours(),
            where.pauses ? 0 : each.false_dead_per_1000_hours);
  }
  if (!where.pauses && where.loss == 0)
    at_most("bytes a second of an idle node", shown.bytes_per_s(),
            where.members <= 10 ? 400 : 1024);
  return missed;
}

soak_cell::soak_cell(const soak_place& where, const soak_options& asked)
    : asked_{asked}, cluster_{where.members, asked.seed, settings_of(where, asked)} {
  shown_.where = where;
  cluster_.keep_changes = false;
  cluster_.refusals = asked.refusals;
  if (where.pauses) pausers_.resize((where.members + 3) / 4);
}

soak_figures soak_cell::run() {
  cluster_.start_settled();
  cluster_.loss = shown_.where.loss;
  cluster_.run_for(60s);
  cluster_.on_false_death = [this](std::size_t, std::size_t victim) { count_false_death(victim); };
  const auto begin = cluster_.now;
  const auto suspicions = suspicions_so_far();
  live_on();
  shown_.idle_hours = node_hours_since(begin);
  shown_.suspicions = suspicions_so_far() - suspicions;
  crash_some();
  shown_.node_hours = node_hours_since(begin);
  return shown_;
}

double soak_cell::node_hours_since(instant begin) const {
  return seconds(cluster_.now - begin) * static_cast<double>(shown_.where.members) / 3600;
}

std::uint64_t soak_cell::suspicions_so_far() const {
  std::uint64_t sum = 0;
  for (const auto& node : cluster_.nodes) sum += node.table->counters().suspicions;
  return sum;
}

std::uint64_t soak_cell::sum_of(std::uint64_t test::swim_cluster::node::*field) const {
  std::uint64_t sum = 0;
  for (const auto& node : cluster_.nodes) sum += node.*field;
  return sum;
}

void soak_cell::live_on() {
  const auto members = static_cast<double>(shown_.where.members);
  const auto span = duration{static_cast<duration::rep>(asked_.node_hours / members * 3.6e12)};
  const auto packets = sum_of(&test::swim_cluster::node::packets_out);
  const auto bytes = sum_of(&test::swim_cluster::node::bytes_out);
  pass(span);
  shown_.packets = sum_of(&test::swim_cluster::node::packets_out) - packets;
  shown_.bytes = sum_of(&test::swim_cluster::node::bytes_out) - bytes;
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
  for (std::size_t i = 0; i < asked_.crashes; ++i) {
    // Not of those who pause: their death may be no news.
    const auto healthy = cluster_.nodes.size() - pausers_.size();
    const auto victim = pausers_.size() + static_cast<std::size_t>(cluster_.random.below(healthy));
    const auto took = crash_one(victim);
    took ? shown_.dead_after_s.push_back(*took) : void(++shown_.crashes_unseen);
    const auto through = (victim + 1) % cluster_.nodes.size();
    cluster_.start(victim, {through, pausers_.size() == 0 ? 0 : cluster_.nodes.size() - 1});
    pass(30s + cluster_.random.between(0ms, 3000ms));
  }
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
