// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>

#include "protocol/link/rtt_estimator.hpp"

namespace causerie::protocol {

/// Spreads a window over its round trip: 1.25 windows per smoothed RTT, at most ten datagrams at
/// once (RFC 9002, section 7.7). Near paths are not paced: no timer is fine enough for them.
class pacer {
public:
  explicit pacer(std::size_t datagram_bytes) noexcept
      : burst_bytes_{static_cast<double>(10 * datagram_bytes)}, credit_bytes_{burst_bytes_} {}

  [[nodiscard]] bool allows(const rtt_estimator& rtt, std::size_t window_bytes,
                            instant now) noexcept {
    if (free(rtt)) return true;
    credit_bytes_ =
        std::min(burst_bytes_, credit_bytes_ + rate(rtt, window_bytes) *
                                                   static_cast<double>((now - refilled_).count()));
    refilled_ = now;
    return credit_bytes_ > 0;
  }
  void on_sent(std::size_t bytes) noexcept { credit_bytes_ -= static_cast<double>(bytes); }

  /// When half a burst may go: waking up for every single datagram would cost more than it smooths.
  [[nodiscard]] instant ready_at(const rtt_estimator& rtt,
                                 std::size_t window_bytes) const noexcept {
    const auto wait_ns = (burst_bytes_ / 2 - credit_bytes_) / rate(rtt, window_bytes);
    return refilled_ + duration{static_cast<duration::rep>(std::max(wait_ns, 0.0)) + 1};
  }

private:
  [[nodiscard]] static bool free(const rtt_estimator& rtt) noexcept {
    return !rtt.sampled() || rtt.near();
  }
  /// Bytes per nanosecond.
  [[nodiscard]] static double rate(const rtt_estimator& rtt, std::size_t window_bytes) noexcept {
    return 1.25 * static_cast<double>(window_bytes) / static_cast<double>(rtt.smoothed().count());
  }

  double burst_bytes_;
  double credit_bytes_;
  instant refilled_{};
};

}  // namespace causerie::protocol
