// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/soak_options.hpp"
#include "tests/protocol/membership/swim_cluster.hpp"

namespace causerie::bench {

/// Which cell of the table.
struct soak_place {
  std::size_t members = 10;
  double loss = 0;
  bool pauses = false;      ///< A quarter of the members stands still at random.
  bool plain_swim = false;  ///< For comparison.
  friend auto operator<=>(const soak_place&, const soak_place&) = default;
};

/// What one cell of the table has shown.
struct soak_figures {
  soak_place where;
  double node_hours = 0;  ///< In which false deaths were counted.
  double idle_hours = 0;  ///< Of these, when nobody was killed: `packets` and `bytes` are of then.
  std::vector<double> dead_after_s;  ///< From a crash until every survivor holds it dead.
  std::uint64_t crashes_unseen = 0;  ///< Three minutes later somebody did not.
  std::uint64_t false_dead = 0;      ///< Of members that were well, each once a minute.
  std::uint64_t paused_dead = 0;     ///< Of those who stood still: no fault of anybody.
  std::uint64_t suspicions = 0, packets = 0, bytes = 0;

  void add(const soak_figures& other);
  [[nodiscard]] std::size_t crashes() const {
    return dead_after_s.size() + static_cast<std::size_t>(crashes_unseen);
  }
  [[nodiscard]] double dead_quantile_s(double share) const;
  [[nodiscard]] double false_dead_per_1000_hours() const;
  /// Sent by one node while nothing happens.
  [[nodiscard]] double packets_per_s() const;
  [[nodiscard]] double bytes_per_s() const;
};

/// The bars of a release, at the default period: what is missed, in words; empty when
/// all are met.
[[nodiscard]] std::vector<std::string> missed_bars(const soak_figures& shown);

/// One cluster, formed, then left alone for a while, then one member after the other killed.
class soak_cell {
public:
  soak_cell(const soak_place& where, const soak_options& asked);
  [[nodiscard]] soak_figures run();

private:
  /// A quarter of the members, from the first on, pause and wake at random.
  struct pauser {
    bool paused = false;
    protocol::instant until{};
  };

  void live_on();
  void crash_some();
  [[nodiscard]] std::optional<double> crash_one(std::size_t victim);
  void pass(protocol::duration span);
  [[nodiscard]] protocol::duration waking();
  [[nodiscard]] double node_hours_since(protocol::instant begin) const;
  [[nodiscard]] std::uint64_t suspicions_so_far() const;
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
