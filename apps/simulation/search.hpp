// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "apps/simulation/run_seed.hpp"

namespace causerie::simulation {

struct search_options {
  int level = 1;
  unsigned jobs = 1;                ///< Threads.
  std::uint64_t failures_max = 10;  ///< Stops looking after so many failed seeds; 0: never.
  /// Every so manieth seed is lived twice and the traces compared; 0: none.
  std::uint64_t repeat_every = 50;
  /// Called after each seed, one call at a time, in no particular order.
  std::function<void(const seed_result&)> progress;
  /// Called on each worker thread before its first seed.
  std::function<void()> on_thread;
};

struct failed_seed {
  std::uint64_t seed = 0;
  std::vector<std::string> violations;
  std::string replay;  ///< The one command that lives this day again.
};

struct search_result {
  std::uint64_t seeds = 0, vacuous = 0;
  std::vector<failed_seed> failed;  ///< By seed.
  std::uint64_t delivered = 0, faults = 0, actor_kills = 0;
  duration virtual_time{}, wall_time{};
  duration converged_p50{}, converged_p99{}, converged_max{};
  std::uint64_t faults_median = 0, actor_kills_median = 0;
  sometimes_counts sometimes;
  sometimes_counts reached_first;  ///< By point: the first seed that reached it.
  double seeds_per_second = 0;
  double times_real_time = 0;  ///< Virtual time over the workers' processor time: one core's speed.
};

/// Lives the days `first_seed` .. `first_seed + count - 1`.
[[nodiscard]] search_result search(const scenario& today, std::uint64_t first_seed,
                                   std::uint64_t count, const search_options& options = {});

/// `causerie sim run --seed 7 --level 1`, with the scenario's name unless it is the standard one,
/// and with `--only` when it is but an excerpt.
[[nodiscard]] std::string replay_command(const scenario& today, std::uint64_t seed, int level,
                                         const excerpt& only = {});

}  // namespace causerie::simulation
