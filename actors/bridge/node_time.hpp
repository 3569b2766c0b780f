// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "caf/actor_clock.hpp"
#include "protocol/time.hpp"

namespace causerie::actors {

/// An actor clock's time as the protocol's, and back. Both count from the same, unstated origin.
[[nodiscard]] constexpr protocol::instant to_instant(caf::actor_clock::time_point t) noexcept {
  return protocol::instant{t.time_since_epoch()};
}
[[nodiscard]] constexpr caf::actor_clock::time_point to_time_point(protocol::instant t) noexcept {
  return caf::actor_clock::time_point{t.time_since_epoch()};
}

}  // namespace causerie::actors
