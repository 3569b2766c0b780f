// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>

#include "protocol/time.hpp"

namespace causerie::protocol {

/// Round-trip time of a path: RFC 9002, section 5. Below a smoothed 5 ms the path is called near
/// (same host or network): there the Internet's constants would waste a hundred round trips.
class rtt_estimator {
public:
  static constexpr duration initial = std::chrono::milliseconds{333};
  static constexpr duration near_max = std::chrono::milliseconds{5};

  [[nodiscard]] bool sampled() const noexcept { return sampled_; }
  [[nodiscard]] duration smoothed() const noexcept { return smoothed_; }
  [[nodiscard]] duration variation() const noexcept { return variation_; }
  [[nodiscard]] duration latest() const noexcept { return latest_; }
  [[nodiscard]] duration minimum() const noexcept { return minimum_; }
  [[nodiscard]] bool near() const noexcept { return sampled_ && smoothed_ < near_max; }

  /// How long a receiver may sit on an ACK. Unknown paths are acknowledged as quickly as near
  /// ones, so that a first guess never makes the sender's probe timer fire in vain.
  [[nodiscard]] duration ack_delay_max() const noexcept {
    return !sampled_ || near() ? std::chrono::milliseconds{1} : std::chrono::milliseconds{25};
  }
  /// Timers are not trusted to be finer than this (RFC 9002: 1 ms).
  [[nodiscard]] duration granularity() const noexcept {
    return near() ? duration{std::chrono::microseconds{100}} : std::chrono::milliseconds{1};
  }
  /// Probe timeout without back-off: RFC 9002, section 6.2.1; at least 2 ms.
  [[nodiscard]] duration probe_timeout() const noexcept {
    const auto delay = near() ? std::chrono::milliseconds{1} : std::chrono::milliseconds{25};
    return std::max<duration>(smoothed_ + std::max(4 * variation_, granularity()) + delay,
                              std::chrono::milliseconds{2});
  }
  /// A packet this much older than the largest acknowledged one is lost: section 6.1.2.
  [[nodiscard]] duration loss_delay() const noexcept {
    return std::max(std::max(smoothed_, latest_) * 9 / 8, granularity());
  }
  /// The latest sample is longer than an empty path explains: packets wait in a queue.
  [[nodiscard]] bool grown() const noexcept {
    return latest_ > minimum_ + std::max<duration>(minimum_ / 2, std::chrono::microseconds{500});
  }

  /// `ack_delay` is what the peer says it waited: untrusted, so never more than `ack_delay_max`.
  void on_sample(duration sample, duration ack_delay) noexcept {
    latest_ = std::max(sample, duration{1});
    if (!sampled_) {
      sampled_ = true;
      minimum_ = smoothed_ = latest_;
      variation_ = latest_ / 2;
      return;
    }
    minimum_ = std::min(minimum_, latest_);
    const auto delay = std::min<duration>(ack_delay, std::chrono::milliseconds{25});
    const auto adjusted = latest_ >= minimum_ + delay ? latest_ - delay : latest_;
    const auto off = smoothed_ > adjusted ? smoothed_ - adjusted : adjusted - smoothed_;
    variation_ = (3 * variation_ + off) / 4;
    smoothed_ = (7 * smoothed_ + adjusted) / 8;
  }
  /// Persistent congestion: what was the shortest trip may be so no more (section 5.2).
  void forget_minimum() noexcept { minimum_ = latest_; }

private:
  duration smoothed_ = initial, variation_ = initial / 2, latest_{}, minimum_{};
  bool sampled_ = false;
};

}  // namespace causerie::protocol
