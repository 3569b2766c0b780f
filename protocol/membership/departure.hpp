// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <optional>

#include "protocol/time.hpp"

namespace causerie::protocol::swim {

/// Saying goodbye: a few rounds, so that loss does not turn a departure into a death.
class departure {
public:
  static constexpr std::size_t rounds_max = 4;
  static constexpr duration round_interval = std::chrono::milliseconds{150};
  /// Up to so many peers are all told by the one who leaves; in larger clusters gossip does it.
  static constexpr std::size_t told_max = 24;

  void start(instant now) noexcept {
    if (!next_ && rounds_ == 0) next_ = now;
  }
  [[nodiscard]] bool begun() const noexcept { return next_ || rounds_ != 0; }
  [[nodiscard]] bool round_due(instant now) noexcept {
    if (!next_ || now < *next_) return false;
    next_ = ++rounds_ < rounds_max ? std::optional{now + round_interval} : std::nullopt;
    return true;
  }
  /// Nobody is there to be told.
  void finish() noexcept {
    rounds_ = rounds_max;
    next_.reset();
  }
  [[nodiscard]] bool done() const noexcept { return rounds_ >= rounds_max; }
  [[nodiscard]] std::optional<instant> next_deadline() const noexcept { return next_; }

private:
  std::optional<instant> next_;
  std::size_t rounds_ = 0;
};

}  // namespace causerie::protocol::swim
