// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/day.hpp"

#include <fmt/format.h>

#include <utility>

namespace causerie::simulation {
namespace {

std::int64_t between(protocol::random_source& random, duration low, duration high) {
  return random.between(low, high).count();
}

/// How often things go wrong, and for how long.
void draw_times(day& made, const scenario& from, protocol::random_source& random) {
  made.partition_min_ns = from.partition_min.count();
  made.partition_max_ns = from.partition_max.count();
  made.partition_every_ns = between(random, 4s, 20s);
  made.kill_every_ns = between(random, from.process_kill_every_min, from.process_kill_every_max);
  made.killed_return = from.killed_return;
  made.restart_max_ns = from.restart_max.count();
  made.pause_every_ns = between(random, 4s, 20s);
  made.pause_min_ns = from.pause_min.count();
  made.pause_max_ns = from.pause_max.count();
  made.actor_kill_every_ns = between(random, from.actor_kill_every_min, from.actor_kill_every_max);
  made.application_kill_every_ns = between(random, 1s, 10s);
  made.churn_every_ns = between(random, 4s, 20s);
  made.slow_every_ns = between(random, 4s, 20s);
}

}  // namespace

day draw_day(const scenario& from, protocol::random_source random) {
  day made;
  made.nodes = random.between(from.nodes_min, from.nodes_max);
  made.warm_up_ns = from.warm_up.count();
  made.heal_at_ns = made.warm_up_ns + between(random, from.chaos_min, from.chaos_max);
  made.end_at_ns = made.heal_at_ns + from.heal_max.count();
  for (const auto& [on, chance] : {std::pair{&made.loss, from.some_loss},
                                   {&made.delay, from.some_delay},
                                   {&made.duplicates, from.some_duplicates},
                                   {&made.reordering, from.some_reordering},
                                   {&made.corruption, from.some_corruption},
                                   {&made.bursts, from.some_bursts},
                                   {&made.partitions, from.some_partitions},
                                   {&made.kills, from.some_kills},
                                   {&made.pauses, from.some_pauses},
                                   {&made.actor_kills, from.some_actor_kills},
                                   {&made.churn, from.some_churn},
                                   {&made.slow_consumers, from.some_slow_consumers},
                                   {&made.clock_errors, from.some_clock_errors},
                                   {&made.late_groups, from.some_late_groups},
                                   {&made.application_kills, from.some_application_kills},
                                   {&made.fast_horizon, from.some_fast_horizon},
                                   {&made.tight_history, from.some_tight_history},
                                   {&made.durable, from.some_durable}})
    *on = random.chance(chance);
  if (made.churn && made.nodes > 2) made.late_nodes = random.below(made.nodes / 2 + 1);

  const auto share = [&](double worst) {
    return from.every_rate_at_its_worst ? worst : worst * random.unit();
  };
  made.at_its_worst = from.every_rate_at_its_worst;
  auto& worst = made.worst;
  if (made.loss) worst.loss = share(from.loss_max);
  if (made.duplicates) worst.duplicate = share(from.duplicate_max);
  if (made.reordering) worst.reorder = share(from.reorder_max);
  // UDP's checksum (RFC 768) finds every single flipped bit: until sessions seal, damage is loss.
  if (made.corruption) worst.loss += made.damage = share(from.corrupt_max);
  if (made.bursts) {
    made.bursts_at.enter = 0.02 * random.unit();
    made.bursts_at.leave = 0.05 + 0.4 * random.unit();
  }
  if (made.delay) {
    worst.delay = duration{between(random, 0ns, from.delay_max)};
    worst.jitter = duration{between(random, 0ns, from.jitter_max)};
  }
  if (made.duplicates) made.replays = share(from.replay_max);
  made.replay_within_ns = from.late_duplicate_max.count();
  made.spike_max_ns = from.spike_max.count();

  draw_times(made, from, random);
  // Last, so that days of before are drawn as they were.
  if (random.chance(from.some_refusals)) made.refusals = random.unit();
  made.power_cuts = made.durable && random.chance(from.some_power_cuts);
  made.majorities = random.chance(from.some_majorities);
  if (from.some_hostile > 0) made.hostile = made.nodes > 1 && random.chance(from.some_hostile);
  if (from.some_little_room > 0) made.little_room = random.chance(from.some_little_room);
  if (from.some_full_house > 0)
    made.full_house = made.nodes > 2 && random.chance(from.some_full_house);
  return made;
}

net::sim_faults calm_weather(const day& today) {
  net::sim_faults weather;
  weather.refusals = today.refusals;
  return weather;
}

net::sim_faults draw_weather(const day& today, const std::vector<protocol::socket_address>& to,
                             protocol::random_source& random) {
  auto weather = calm_weather(today);
  weather.plan.everywhere = today.worst;
  weather.bursts = today.bursts_at;
  weather.replay = today.replays;
  weather.replay_within = duration{today.replay_within_ns};
  if (today.at_its_worst) return weather;
  for (const auto& address : to) {
    auto& path = weather.plan.towards[address] = today.worst;
    path.loss *= random.unit();
    path.duplicate *= random.unit();
    path.reorder *= random.unit();
    path.delay = random.between(duration{0}, path.delay);
    path.jitter = random.between(duration{0}, path.jitter);
    // Most are overtaken by a few others; on some paths whole seconds pass.
    path.reorder_by = random.chance(0.1) ? random.between(duration{0}, duration{today.spike_max_ns})
                                         : random.between(duration{1ms}, duration{30ms});
  }
  return weather;
}

std::string day::text() const {
  std::string words = fmt::format("{} nodes, {:.0f} s of chaos", nodes,
                                  static_cast<double>(heal_at_ns - warm_up_ns) / 1e9);
  for (const auto& [on, name] : {std::pair{loss, "loss"},
                                 {delay, "delay"},
                                 {duplicates, "duplicates"},
                                 {reordering, "reordering"},
                                 {corruption, "corruption"},
                                 {bursts, "bursts"},
                                 {partitions, "partitions"},
                                 {kills, "kills"},
                                 {pauses, "pauses"},
                                 {actor_kills, "actor-kills"},
                                 {churn, "churn"},
                                 {slow_consumers, "slow-consumers"},
                                 {clock_errors, "clock-errors"},
                                 {late_groups, "late-groups"},
                                 {application_kills, "application-kills"},
                                 {fast_horizon, "fast-horizon"},
                                 {tight_history, "tight-history"},
                                 {refusals > 0, "refusals"},
                                 {durable, "durable"},
                                 {power_cuts, "power-cuts"},
                                 {majorities, "majorities"},
                                 {hostile, "hostile"},
                                 {little_room, "little-room"},
                                 {full_house, "full-house"}})
    if (on) words += std::string{", "} + name;
  return words;
}

}  // namespace causerie::simulation
