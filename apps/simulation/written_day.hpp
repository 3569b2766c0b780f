// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "apps/checker/history.hpp"
#include "apps/simulation/fault_plan.hpp"
#include "apps/simulation/run_seed.hpp"
#include "net/sim/sim_network.hpp"

namespace causerie::simulation {

/// A day that somebody wrote instead of drawing it: who talks how much, and what goes wrong when.
/// Nodes are called n1, n2, ... as people count.
struct written_day {
  std::uint32_t nodes = 0;       ///< In all; 64 at most.
  std::uint32_t late_nodes = 0;  ///< The last ones of them: only a fault `start` starts them.
  duration warm_up{};            ///< Nodes find each other; then load and faults begin.
  duration lasts{};              ///< From there; then everything heals and nobody talks any more.
  duration settle{};             ///< From there: until nothing is on its way any more.
  std::string group;
  bool durable = false;  ///< The group outlives processes; every commit is fsynced.
  duration horizon = std::chrono::minutes{15};
  net::link_faults weather;   ///< On every path, from the end of the warm-up.
  std::vector<fault> faults;  ///< In the order of time, which counts from the end of the warm-up.
  std::vector<double> broadcasts_per_second, privates_per_second;  ///< By node.
};

/// Who watches a written day is told what happens in it, at once. Any of these may be empty.
struct day_watch {
  using news_fields = std::vector<std::pair<std::string, std::string>>;

  /// The warm-up is over; empty words, or what is not yet as it should be.
  std::function<void(std::int64_t at_ns, const std::string& wrong)> on_begin;
  /// A fault was injected; `took`: there was somebody whom it could hit.
  std::function<void(std::int64_t at_ns, const fault&, bool took,
                     const net::sim_network::counters&)>
      on_fault;
  /// A node's life begins; what it says afterwards is that life's.
  std::function<void(std::int64_t at_ns, std::uint32_t node, std::uint64_t life)> on_start;
  /// A node has something to tell: a member changed, an actor was restarted, ...
  std::function<void(std::int64_t at_ns, std::uint32_t node, const std::string& type,
                     const news_fields&)>
      on_news;
};

struct written_result {
  seed_result day;
  std::vector<checker::history> lives;
  net::sim_network::counters network;
  std::vector<std::int64_t> clock_errors_ms;  ///< By node: the worst that others saw in messages.
  std::vector<bool> running;                  ///< By node, at the end.
  std::uint64_t gaps = 0;
};

/// Lives it with the shipped actors. Same day and seed: same trace, byte for byte.
[[nodiscard]] written_result live_written_day(const written_day& day, std::uint64_t seed,
                                              const day_watch& watch = {});

}  // namespace causerie::simulation
