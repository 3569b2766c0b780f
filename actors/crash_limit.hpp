// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

#include "protocol/time.hpp"

namespace causerie::actors {

/// How often something may crash before restarting it makes things worse.
class crash_limit {
public:
  static constexpr std::size_t crashes_max = 5;
  static constexpr auto within = std::chrono::seconds{10};

  /// Counts a crash; true when it was one too many. Kills that were asked for are none.
  [[nodiscard]] bool too_often(protocol::instant at) {
    crashes_.push_back(at);
    while (at - crashes_.front() > within) crashes_.pop_front();
    return crashes_.size() >= crashes_max;
  }

private:
  std::deque<protocol::instant> crashes_;
};

}  // namespace causerie::actors
