// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/scenario.hpp"

namespace causerie::simulation {
namespace {

scenario calm() {
  scenario made{.name = "calm"};
  for (auto* chance :
       {&made.some_loss,         &made.some_delay,         &made.some_duplicates,
        &made.some_reordering,   &made.some_corruption,    &made.some_bursts,
        &made.some_partitions,   &made.some_kills,         &made.some_pauses,
        &made.some_actor_kills,  &made.some_churn,         &made.some_slow_consumers,
        &made.some_clock_errors, &made.some_late_groups,   &made.some_application_kills,
        &made.some_fast_horizon, &made.some_tight_history, &made.some_durable,
        &made.some_power_cuts,   &made.some_majorities})
    *chance = 0;
  return made;
}

/// Processes that keep a journal, and are killed before they have finished the last thing.
scenario journal_kills() {
  scenario made{.name = "journal-kills"};
  made.nodes_max = 5;
  made.some_kills = made.some_durable = 1;
  made.process_kill_every_min = 300ms;
  made.process_kill_every_max = 3s;
  made.killed_return = 1;
  made.restart_max = 3s;
  return made;
}

/// More is said than is read, and there is hardly room for it anywhere.
scenario crowded() {
  scenario made{.name = "crowded"};
  made.nodes_min = 3;
  made.some_little_room = made.some_slow_consumers = 1;
  made.some_full_house = 0.3;
  made.broadcasts_per_second = 150;
  made.privates_per_second = 100;
  made.payload_bytes_max = 1500;
  made.large_private_bytes_max = 30'000;
  return made;
}

}  // namespace

scenario ten_talkers() {
  auto made = calm();
  made.name = "ten-talkers";
  made.nodes_min = made.nodes_max = 10;
  made.broadcasts_each = made.privates_each = 1000;
  made.broadcasts_per_second = 400;
  made.privates_per_second = 400;
  made.answers = 0;
  made.some_loss = made.some_duplicates = made.some_reordering = 1;
  made.loss_max = 0.3;
  made.duplicate_max = 0.1;
  made.reorder_max = 0.2;
  made.every_rate_at_its_worst = true;
  made.late_duplicate_max = 2s;
  made.large_payload_bytes_max = made.large_private_bytes_max = made.payload_bytes_max;
  return made;
}

std::optional<scenario> scenario_named(const std::string& name) {
  if (name == "standard") return scenario{};
  if (name == "ten-talkers") return ten_talkers();
  if (name == "calm") return calm();
  if (name == "journal-kills") return journal_kills();
  if (name == "crowded") return crowded();
  if (name == "breakdowns") {
    scenario made{.name = "breakdowns"};
    made.breakdowns = 0.06;
    return made;
  }
  if (name == "hostile") {
    scenario made{.name = "hostile"};
    made.nodes_min = 4;
    made.some_hostile = 1;
    return made;
  }
  return std::nullopt;
}

}  // namespace causerie::simulation
