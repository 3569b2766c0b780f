// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <optional>

#include "protocol/time.hpp"

namespace causerie::protocol::swim {

/// Notices that this node itself stood still (SIGSTOP, a stalled virtual machine): then its timers
/// ran out while answers lay unread in its socket, and no such timer may accuse anyone.
class pause_guard {
public:
  explicit pause_guard(duration tolerance) noexcept : tolerance_{tolerance} {}

  /// Ask at the start of every input. `due` is the deadline that was armed. Returns how long the
  /// node was away, zero when it was not: more than the tolerance late.
  [[nodiscard]] duration away(std::optional<instant> due, instant now) noexcept {
    const auto before = last_seen_.value_or(now);
    last_seen_ = now;
    // A deadline that was past already when this node was last awake is late since then only.
    if (!due || now <= std::max(*due, before) + tolerance_) return duration{0};
    return now - before;
  }

private:
  duration tolerance_;
  std::optional<instant> last_seen_;
};

}  // namespace causerie::protocol::swim
