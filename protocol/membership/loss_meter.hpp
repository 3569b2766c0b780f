// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>

namespace causerie::protocol::swim {

/// The share of pings that stay unanswered though the target lives: a moving average over this
/// node's own probes. Tries of a probe that nobody answered say nothing and are not counted.
class loss_meter {
public:
  /// Above this a single failed probe accuses nobody.
  static constexpr double lossy = 0.10;

  void on_answered(std::size_t tries_lost) noexcept {
    on_lost(tries_lost);
    loss_ -= loss_ * weight;
  }
  void on_lost(std::size_t tries) noexcept {
    for (; tries != 0; --tries) loss_ += (1 - loss_) * weight;
  }
  [[nodiscard]] double loss() const noexcept { return loss_; }
  [[nodiscard]] bool is_lossy() const noexcept { return loss_ > lossy; }

private:
  static constexpr double weight = 1.0 / 32;
  double loss_ = 0;
};

}  // namespace causerie::protocol::swim
