// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>
#include <vector>

#include "caf/detail/simple_actor_clock.hpp"

namespace causerie::actors {

/// The timeouts and delayed messages of one actor system, in the order they fall due. Drives
/// nothing: a clock on top of it decides when "now" is. One thread at a time.
class timeout_table : public caf::detail::simple_actor_clock {
public:
  using due_events = std::vector<unique_delayed_event_ptr>;

  /// When the earliest entry falls due; none while the table is empty.
  [[nodiscard]] std::optional<time_point> next_due() const;

  /// Takes out what is due at `now`, earliest first. Deliver afterwards, without any lock: a
  /// delivery may end an actor, and an ending actor cancels its timeouts.
  [[nodiscard]] due_events take_due(time_point now);

  /// Empties the table. Destroy the result without any lock, for the reason above.
  [[nodiscard]] due_events take_all();

  /// Puts an event that was taken out into the mailbox it is for.
  void deliver(delayed_event& due) { ship(due); }

private:
  [[nodiscard]] unique_delayed_event_ptr take_first();
};

}  // namespace causerie::actors
