// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/new_reno.hpp"

#include <algorithm>

namespace causerie::protocol {

void new_reno::on_ack(std::size_t bytes, instant sent_at, std::size_t in_flight) {
  if (recovering(sent_at)) return;
  const bool slow_start = window_bytes_ < slow_start_end_;
  // Doubling per round trip needs half the window in use; one more datagram needs nearly all.
  const auto used = slow_start ? 2 * in_flight : in_flight + 3 * datagram_bytes_;
  if (used < window_bytes_) return;
  if (slow_start) {
    window_bytes_ += bytes;
  } else {
    acked_bytes_ += bytes;
    if (acked_bytes_ >= window_bytes_) {
      acked_bytes_ -= window_bytes_;
      window_bytes_ += datagram_bytes_;
    }
  }
  window_bytes_ = std::min(window_bytes_, window_bytes_max);
}

void new_reno::on_loss(instant sent_at, instant now) {
  if (recovering(sent_at)) return;
  recovery_began_ = now;
  slow_start_end_ = std::max(window_bytes_ / 2, window_bytes_min());
  window_bytes_ = slow_start_end_;
  acked_bytes_ = 0;
}

void new_reno::on_persistent_congestion() {
  window_bytes_ = window_bytes_min();
  recovery_began_.reset();
}

}  // namespace causerie::protocol
