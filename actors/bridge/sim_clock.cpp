// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/sim_clock.hpp"

#include <algorithm>

namespace causerie::actors {

void sim_clock::advance_to(time_point t) {
  now_ = std::max(now_, t);
  const auto due = take_due(now_);
  for (const auto& entry : due) deliver(*entry);
}

void sim_clock::cancel_all() {
  const auto dropped = take_all();  // Destroyed only when the table is consistent again.
}

}  // namespace causerie::actors
