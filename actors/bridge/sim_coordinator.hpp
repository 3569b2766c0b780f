// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "actors/bridge/sim_clock.hpp"
#include "caf/fwd.hpp"
#include "caf/scheduler/abstract_coordinator.hpp"
#include "caf/scoped_execution_unit.hpp"
#include "protocol/time.hpp"

namespace causerie::actors {

/// A CAF scheduler for simulated nodes: one actor system, one clock and one run queue per node, all
/// in the simulator's thread. Actors wait until the simulator gives one of them a turn, of one
/// message, so that a kill can come between any two; time moves when the simulator says so.
/// Systems are destroyed in the simulator's thread as well; nothing is ever waited for.
class sim_coordinator final : public caf::scheduler::abstract_coordinator {
public:
  explicit sim_coordinator(caf::actor_system& system);
  ~sim_coordinator() override;

  /// The one of `system`, which must have been configured by `use_sim_scheduler`.
  [[nodiscard]] static sim_coordinator& of(caf::actor_system& system);

  /// How many actors wait for a turn.
  [[nodiscard]] std::size_t waiting() const noexcept { return jobs_.size(); }
  /// Gives a turn to one of them; 0 has waited longest. Precondition: `which < waiting()`.
  void run(std::size_t which);
  /// Gives turns in order until nobody waits, at most `turns_max`. The number given.
  std::size_t run_all(std::size_t turns_max);

  /// The node's own time.
  [[nodiscard]] protocol::instant now() const noexcept;
  /// Moves it; timeouts and delayed messages that fall due reach their mailboxes.
  void advance_to(protocol::instant t);
  /// When the next of them falls due, so that a simulator can sleep until then.
  [[nodiscard]] std::optional<protocol::instant> next_deadline() const;

  bool detaches_utility_actors() const override { return false; }
  void enqueue(caf::resumable* job) override;
  sim_clock& clock() noexcept override { return clock_; }
  void start() override;
  void stop() override;

private:
  void release_jobs();

  caf::scoped_execution_unit unit_;  // Lives as long as any actor may remember it.
  std::deque<caf::resumable*> jobs_;
  sim_clock clock_;
  bool stopped_ = false;
};

/// Makes actor systems of this config run under a `sim_coordinator`. `caf::aout` writes nowhere.
void use_sim_scheduler(caf::actor_system_config& config);

}  // namespace causerie::actors
