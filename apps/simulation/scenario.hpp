// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "protocol/time.hpp"

/// Whole nodes on virtual time: one seed is one day of a small cluster, with everything that can
/// go wrong in it.
namespace causerie::simulation {

using protocol::duration;
using namespace std::chrono_literals;

/// What kind of days to draw. Each seed draws its own options from these: every class of faults
/// is on or off at random ("swarm testing", Groce et al., ISSTA 2012), then its rates.
struct scenario {
  std::string name = "standard";

  std::size_t nodes_min = 2, nodes_max = 12;
  duration warm_up = 4s;  ///< Nodes start and find each other; no faults yet.
  duration chaos_min = 20s, chaos_max = 40s;
  duration heal_max = 60s;  ///< After the last fault everything must have converged within it.

  double broadcasts_per_second = 60;  ///< By all nodes together.
  double privates_per_second = 20;
  double answers = 0.3;  ///< Broadcasts that a delivered broadcast causes, on average.
  std::size_t payload_bytes_max = 200;         ///< Of most messages.
  std::size_t large_payload_bytes_max = 8000;  ///< Of one in a hundred.
  std::size_t large_private_bytes_max = 100'000;
  /// When not zero: each node says exactly so many, and the run lasts until they are said.
  std::size_t broadcasts_each = 0, privates_each = 0;

  // Chance that a seed has this class of faults at all.
  double some_loss = 0.7, some_delay = 0.7, some_duplicates = 0.5, some_reordering = 0.5,
         some_corruption = 0.3, some_bursts = 0.3, some_partitions = 0.5, some_kills = 0.5,
         some_pauses = 0.3, some_actor_kills = 0.6, some_churn = 0.4, some_slow_consumers = 0.25,
         some_clock_errors = 0.5, some_late_groups = 0.3, some_application_kills = 0.3,
         some_refusals = 0.7;

  // The worst of each class.
  double loss_max = 0.4, duplicate_max = 0.5, replay_max = 0.02, reorder_max = 0.3,
         corrupt_max = 0.01;
  bool every_rate_at_its_worst = false;  ///< Not drawn: exactly the figures above.
  duration delay_max = 200ms, jitter_max = 100ms, late_duplicate_max = 60s, spike_max = 5s;
  duration partition_min = 200ms, partition_max = 12s;
  duration process_kill_every_min = 4s, process_kill_every_max = 30s;  ///< Means, over all nodes.
  double killed_return = 0.75;  ///< Chance that a killed node comes back,
  duration restart_max = 15s;   ///< within this.
  duration pause_min = 100ms, pause_max = 12s;
  duration actor_kill_every_min = 100ms, actor_kill_every_max = 3s;  ///< Means, over all nodes.

  /// Chance of a horizon so short that gaps, retirements and parkings happen within the day.
  double some_fast_horizon = 0.5;
  duration fast_horizon = 5s;
  /// Chance that members forget what is stable almost at once, so that a wrong idea of what is
  /// stable costs somebody a message.
  double some_tight_history = 0.5;

  /// Chance that all nodes keep a journal, and that what was killed goes on where it was.
  double some_durable = 0.3;
  /// Chance that on such a day every commit is synced, and the power fails as often as a process is
  /// killed alone.
  double some_power_cuts = 0.4;
  /// Chance that the group requires a majority of all nodes that there will be.
  double some_majorities = 0.1;

  /// Chance, each quarter of a second, that a machine of some node breaks, and the node begins
  /// another life (level 2 alone).
  double breakdowns = 0;

  /// Chance that every queue is so short that it fills, and what comes then is what is tried.
  double some_little_room = 0;
  /// Chance that the group has room for all nodes but one. Who is refused tries again; when all is
  /// well it goes home.
  double some_full_house = 0;

  /// Chance that one node, which joins the cluster and no group, means harm: see `hostile_port`.
  double some_hostile = 0;

  bool history_recent = true;  ///< Some joiners ask for recent history.
};

/// The main job: ten nodes, 30 % loss, 10 % duplicates, reordering, a thousand broadcasts and a
/// thousand private texts each.
[[nodiscard]] scenario ten_talkers();

/// The scenario of this name (`standard`, `ten-talkers`, `calm`, `breakdowns`, `journal-kills`,
/// `hostile`, `crowded`), or none.
[[nodiscard]] std::optional<scenario> scenario_named(const std::string& name);

}  // namespace causerie::simulation
