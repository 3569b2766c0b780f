// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "apps/checker/checker.hpp"
#include "apps/simulation/excerpt.hpp"
#include "apps/simulation/scenario.hpp"
#include "apps/simulation/sometimes.hpp"

namespace causerie::simulation {

struct run_options {
  int level = 1;  ///< 1: the machines alone. 2: the shipped actors.
  /// Takes every event as a line of JSON with its newline; may be empty.
  std::function<void(std::string_view)> trace_sink;
  excerpt only{};  ///< Of the seed's day.
};

/// How a day went.
struct seed_result {
  std::uint64_t seed = 0;
  std::string day;                      ///< What was on: for people.
  std::vector<std::string> violations;  ///< In words; empty: all promises were kept.
  std::vector<std::string> kinds;       ///< Of the violations, each once; the first one's first.
  excerpt lived;                        ///< All that the day had.
  std::uint64_t delivered = 0;          ///< Broadcasts and private messages, over all nodes.
  std::uint64_t faults = 0;             ///< Injected, datagrams and nodes together.
  std::uint64_t actor_kills = 0;
  bool vacuous = false;  ///< Too little traffic or too few faults to prove anything.
  duration virtual_time{};
  duration processor_time{};   ///< Of the thread that lived it.
  duration converged_after{};  ///< From the end of all faults.
  std::uint64_t trace_hash = 0, trace_events = 0;
  sometimes_counts sometimes;
  checker::verdict verdict;
};

inline constexpr std::uint64_t delivered_min = 200, faults_min = 5;

/// Lives one day. The same scenario, seed and level give the same trace, byte for byte. Any number
/// of threads at once. Throws std::invalid_argument for a level that this program was built
/// without.
[[nodiscard]] seed_result run_seed(const scenario& today, std::uint64_t seed,
                                   const run_options& options = {});

}  // namespace causerie::simulation
