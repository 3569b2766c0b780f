// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "tests/bench/soak_options.hpp"
#include "tests/protocol/membership/swim_cluster.hpp"

namespace causerie::bench {

/// What one cell of the table has shown.
struct soak_figures {
  std::size_t members = 0;
  double loss = 0;
  double node_hours = 0;
  std::size_t crashes = 0, crashes_unseen = 0;
  double dead_p50_s = 0, dead_p99_s = 0;  ///< From a crash until every survivor holds it dead.
  std::size_t false_dead = 0;             ///< Of members that were well, each once a minute.
  std::size_t paused_dead = 0;            ///< Of those who stood still: no fault of anybody.
  std::uint64_t suspicions = 0;
  double packets_per_s = 0, bytes_per_s = 0;  ///< That one node sends while nothing happens.

  [[nodiscard]] double false_dead_per_1000_hours() const {
    return node_hours > 0 ? 1000 * static_cast<double>(false_dead) / node_hours : 0;
  }
};

/// The bars of a release, at the default period: what is missed, in words; empty when
/// all are met.
[[nodiscard]] std::vector<std::string> missed_bars(const soak_figures& shown,
                                                   const soak_options& asked);

/// One cluster, formed, then left alone for a while, then one member after the other killed.
class soak_cell {
public:
  soak_cell(std::size_t members, double loss, const soak_options& asked);
  [[nodiscard]] soak_figures run();

private:
  /// A quarter of the members, from the first on, pause and wake at random.
  struct pauser {
    bool paused = false;
    protocol::instant until{};
  };

  void form();
  void live_on();
  void crash_some();
  [[nodiscard]] std::optional<double> crash_one(std::size_t victim);
  void pass(protocol::duration span);
  [[nodiscard]] protocol::duration waking();
  [[nodiscard]] std::uint64_t sum_of(
      std::uint64_t protocol::test::swim_cluster::node::*field) const;
  void count_false_death(std::size_t victim);

  const soak_options& asked_;
  protocol::test::swim_cluster cluster_;
  std::vector<pauser> pausers_;
  std::map<std::size_t, protocol::instant> died_at_;
  soak_figures shown_;
};

}  // namespace causerie::bench
