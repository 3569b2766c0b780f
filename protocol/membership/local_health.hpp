// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "protocol/time.hpp"

namespace causerie::protocol::swim {

/// How little this node trusts itself: Lifeguard's local health multiplier (section IV-A). Whoever
/// gets no answer from the target nor from those asked to help may be the one who is unwell, so
/// that its probes take longer and come more seldom before they accuse anybody.
class local_health {
public:
  static constexpr std::uint32_t score_max = 7;

  void on_success() noexcept { score_ -= score_ == 0 ? 0 : 1; }
  /// A probe without an answer. Helpers answer one way or the other, so each who is silent counts
  /// against this node; where there was nobody to ask, the target's silence does.
  void on_failure(std::size_t helpers_asked, std::size_t helpers_heard) noexcept {
    raise(helpers_asked == 0 ? 1 : helpers_asked - std::min(helpers_heard, helpers_asked));
  }
  /// Others took this node for dead.
  void on_refuted() noexcept { raise(1); }
  void on_pause() noexcept { raise(2); }

  /// 0 (well) to `score_max`.
  [[nodiscard]] std::uint32_t score() const noexcept { return score_; }
  [[nodiscard]] duration scaled(duration span) const noexcept {
    return span * static_cast<duration::rep>(1 + score_);
  }

private:
  void raise(std::size_t by) noexcept {
    score_ += static_cast<std::uint32_t>(std::min<std::size_t>(by, score_max - score_));
  }
  std::uint32_t score_ = 0;
};

}  // namespace causerie::protocol::swim
