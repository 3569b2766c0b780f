// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/fault_plan.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace causerie::simulation {
namespace {

using protocol::random_source;
using rows = std::vector<std::uint64_t>;

std::uint32_t any_node(const day& today, random_source& random) {
  return static_cast<std::uint32_t>(random.below(today.nodes));
}

std::int64_t between(random_source& random, std::int64_t low, std::int64_t high) {
  return random.between(duration{low}, duration{high}).count();
}

/// Calls `make(at)` at the points of a Poisson process between warm-up and heal.
template <class Make>
void every(const day& today, random_source& random, std::int64_t mean_ns, Make&& make) {
  auto at = today.warm_up_ns;
  for (;;) {
    at += static_cast<std::int64_t>(-std::log(1 - random.unit()) * static_cast<double>(mean_ns));
    if (at >= today.heal_at_ns) return;
    make(at);
  }
}

/// Everything between two sides, one way or both.
rows between_sides(std::size_t nodes, std::uint64_t one, std::uint64_t other, bool both) {
  rows blocked(nodes);
  for (std::size_t from = 0; from < nodes; ++from) {
    if ((one >> from & 1) != 0) blocked[from] |= other;
    if (both && (other >> from & 1) != 0) blocked[from] |= one;
  }
  return blocked;
}

/// Two of a plan never bear the number that the next one gets.
std::uint32_t next_number(const std::vector<fault>& plan) {
  return static_cast<std::uint32_t>(plan.size());
}

void cut(std::vector<fault>& plan, std::int64_t from, std::int64_t to, rows blocked) {
  const auto number = next_number(plan);
  plan.push_back({.at_ns = from, .what = fault::kind::cut, .number = number, .blocked = blocked});
  plan.push_back(
      {.at_ns = to, .what = fault::kind::mend, .number = number, .blocked = std::move(blocked)});
}

/// Links stop one by one and come back in another order.
void swizzle(std::vector<fault>& plan, const day& today, random_source& random, std::int64_t at,
             std::int64_t lasts) {
  for (std::size_t node = 0; node < today.nodes; ++node) {
    if (!random.chance(0.5)) continue;
    const auto everybody = (std::uint64_t{1} << today.nodes) - 1;
    cut(plan, at + between(random, 0, lasts / 2), at + between(random, lasts / 2, lasts),
        between_sides(today.nodes, std::uint64_t{1} << node,
                      everybody & ~(std::uint64_t{1} << node), true));
  }
}

void draw_partition(std::vector<fault>& plan, const day& today, random_source& random,
                    std::int64_t at) {
  const auto everybody = (std::uint64_t{1} << today.nodes) - 1;
  const auto lasts = between(random, today.partition_min_ns, today.partition_max_ns);
  const auto one = random.below(everybody) + 1;
  const auto lonely = std::uint64_t{1} << any_node(today, random);
  switch (random.below(6)) {
    case 0:
      return cut(plan, at, at + lasts, between_sides(today.nodes, one, everybody & ~one, true));
    case 1:
      return cut(plan, at, at + lasts,
                 between_sides(today.nodes, lonely, everybody & ~lonely, true));
    case 2:
      return cut(plan, at, at + lasts,
                 between_sides(today.nodes, lonely, everybody & ~lonely, false));
    case 3:  // A bridge: one node still talks with both sides.
      return cut(plan, at, at + lasts,
                 between_sides(today.nodes, one & ~lonely, everybody & ~one & ~lonely, true));
    case 4:  // Flapping.
      for (std::int64_t part = 0; part < 5; ++part)
        cut(plan, at + part * lasts / 5, at + part * lasts / 5 + lasts / 8,
            between_sides(today.nodes, one, everybody & ~one, true));
      return;
    default: return swizzle(plan, today, random, at, lasts);
  }
}

void draw_kills(std::vector<fault>& plan, const day& today, random_source& random) {
  every(today, random, today.kill_every_ns, [&](std::int64_t at) {
    const bool returns = random.chance(today.killed_return);
    const auto away_ns = between(random, 0, today.restart_max_ns);
    plan.push_back({.at_ns = at,
                    .what = fault::kind::kill,
                    .number = next_number(plan),
                    .node = any_node(today, random),
                    .lasts_ns = returns ? away_ns : -1});
    // Whoever helps it to join again may die of that.
    if (returns && random.chance(0.3))
      plan.push_back({.at_ns = at + away_ns + between(random, 0, 700'000'000),
                      .what = fault::kind::kill,
                      .number = next_number(plan),
                      .node = any_node(today, random),
                      .lasts_ns = between(random, 0, today.restart_max_ns)});
  });
}

void draw_actor_kills(std::vector<fault>& plan, const day& today, random_source& random) {
  every(today, random, today.actor_kill_every_ns, [&](std::int64_t at) {
    const auto node = any_node(today, random);
    const bool storm = random.chance(0.02);
    for (std::uint8_t k = 0; k < (storm ? actor_kind_count : 1); ++k)
      plan.push_back(
          {.at_ns = at,
           .what = fault::kind::kill_actor,
           .number = next_number(plan),
           .node = node,
           .which = storm ? actor_kind{k}
                          : actor_kind{static_cast<std::uint8_t>(random.below(actor_kind_count))}});
  });
}

void draw_slowness(std::vector<fault>& plan, const day& today, random_source& random) {
  every(today, random, today.slow_every_ns, [&](std::int64_t at) {
    const auto node = any_node(today, random);
    const auto number = next_number(plan);
    plan.push_back({.at_ns = at,
                    .what = fault::kind::slow,
                    .number = number,
                    .node = node,
                    .lasts_ns = between(random, 10'000'000, 1'000'000'000)});
    plan.push_back({.at_ns = at + between(random, 1'000'000'000, 12'000'000'000),
                    .what = fault::kind::brisk,
                    .number = number,
                    .node = node});
  });
}

/// The same kind again and again, each with a length.
void draw_simple(std::vector<fault>& plan, const day& today, random_source& random,
                 fault::kind what, std::int64_t every_ns, std::int64_t low, std::int64_t high) {
  every(today, random, every_ns, [&](std::int64_t at) {
    plan.push_back({.at_ns = at,
                    .what = what,
                    .number = next_number(plan),
                    .node = any_node(today, random),
                    .lasts_ns = between(random, low, high)});
  });
}

}  // namespace

std::string_view name_of(fault::kind what) noexcept {
  switch (what) {
    case fault::kind::cut: return "cut";
    case fault::kind::mend: return "mend";
    case fault::kind::kill: return "kill";
    case fault::kind::pause: return "pause";
    case fault::kind::kill_actor: return "kill actor";
    case fault::kind::kill_application: return "kill application";
    case fault::kind::slow: return "slow";
    case fault::kind::brisk: return "brisk";
    case fault::kind::leave: return "leave";
    case fault::kind::start: return "start";
    case fault::kind::weather: return "weather";
    case fault::kind::skew: return "skew";
    case fault::kind::disk_full: return "disk full";
    case fault::kind::disk_room: return "disk has room";
    case fault::kind::disk_slow: return "disk slow";
    case fault::kind::disk_fails: return "disk fails";
    case fault::kind::withhold: return "withhold";
    case fault::kind::hand_over: return "hand over";
    case fault::kind::heal: return "heal all";
  }
  return "?";
}

std::vector<fault> draw_faults(const day& today, random_source random) {
  std::vector<fault> plan;
  if (today.late_groups && today.nodes > 1) {
    // Two halves that know each other, but found the group without each other.
    const auto everybody = (std::uint64_t{1} << today.nodes) - 1;
    const auto one = random.below(everybody) + 1;
    cut(plan, 2'000'000'000, between(random, 3'000'000'000, 9'000'000'000),
        between_sides(today.nodes, one, everybody & ~one, true));
  }
  if (today.partitions && today.nodes > 1)
    every(today, random, today.partition_every_ns,
          [&](std::int64_t at) { draw_partition(plan, today, random, at); });
  if (today.kills) draw_kills(plan, today, random);
  if (today.pauses)
    draw_simple(plan, today, random, fault::kind::pause, today.pause_every_ns, today.pause_min_ns,
                today.pause_max_ns);
  if (today.actor_kills) draw_actor_kills(plan, today, random);
  if (today.application_kills)
    draw_simple(plan, today, random, fault::kind::kill_application, today.application_kill_every_ns,
                0, 0);
  if (today.slow_consumers) draw_slowness(plan, today, random);
  if (today.churn)
    draw_simple(plan, today, random, fault::kind::leave, today.churn_every_ns, 0,
                today.restart_max_ns);
  std::stable_sort(plan.begin(), plan.end(),
                   [](const fault& a, const fault& b) { return a.at_ns < b.at_ns; });
  return plan;
}

}  // namespace causerie::simulation
