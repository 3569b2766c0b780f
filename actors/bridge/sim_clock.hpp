// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "actors/bridge/timeout_table.hpp"

namespace causerie::actors {

/// The clock of a simulated node: it shows what the simulator has set, with the node's skew, drift
/// and pauses counted in already. Never goes back.
class sim_clock final : public timeout_table {
public:
  time_point now() const noexcept override { return now_; }

  /// Sets the time and delivers what has fallen due, in order. An earlier time changes nothing.
  void advance_to(time_point t);

  void cancel_all() override;

private:
  time_point now_{};
};

}  // namespace causerie::actors
