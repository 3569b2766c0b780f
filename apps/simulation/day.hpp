// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "apps/simulation/scenario.hpp"
#include "net/sim/sim_network.hpp"
#include "protocol/random.hpp"

namespace causerie::simulation {

/// One seed's own options, drawn from a scenario.
struct day {
  std::size_t nodes = 0;
  std::size_t late_nodes = 0;  ///< The last ones of them join in the middle.
  std::int64_t warm_up_ns = 0, heal_at_ns = 0, end_at_ns = 0;

  bool loss = false, delay = false, duplicates = false, reordering = false, corruption = false,
       bursts = false;
  bool partitions = false, kills = false, pauses = false, actor_kills = false, churn = false,
       slow_consumers = false, clock_errors = false, late_groups = false, application_kills = false,
       fast_horizon = false, tight_history = false, durable = false, power_cuts = false,
       majorities = false;
  bool hostile = false;      ///< The last node means harm.
  bool little_room = false;  ///< Every queue is short.
  bool full_house = false;   ///< The group has room for all nodes but one.

  net::link_faults worst;  ///< Each path draws its own, no worse than this.
  net::burst_loss bursts_at;
  double damage = 0;  ///< The part of the loss that is damage.
  double replays = 0;
  double refusals = 0;  ///< How often a host says that nobody listens.
  std::int64_t replay_within_ns = 0, spike_max_ns = 0;
  bool at_its_worst = false;
  std::int64_t partition_min_ns = 0, partition_max_ns = 0, partition_every_ns = 0;
  std::int64_t kill_every_ns = 0, restart_max_ns = 0;
  double killed_return = 0;
  std::int64_t pause_every_ns = 0, pause_min_ns = 0, pause_max_ns = 0;
  std::int64_t actor_kill_every_ns = 0, application_kill_every_ns = 0;
  std::int64_t churn_every_ns = 0, slow_every_ns = 0;

  /// For people: the classes that are on, and the sizes.
  [[nodiscard]] std::string text() const;
  /// A gap needs a cause: somebody away for longer than the horizon, or parked for want of credit.
  /// With default settings neither can happen within a day.
  [[nodiscard]] bool gaps_may_happen() const noexcept { return fast_horizon || little_room; }
};

[[nodiscard]] day draw_day(const scenario& today, protocol::random_source random);
/// What the network is like before and after the chaos.
[[nodiscard]] net::sim_faults calm_weather(const day& today);
/// What one sender's paths to all others are like.
[[nodiscard]] net::sim_faults draw_weather(const day& today,
                                           const std::vector<protocol::socket_address>& to,
                                           protocol::random_source& random);

}  // namespace causerie::simulation
