// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <limits>
#include <optional>

#include "protocol/link/congestion.hpp"

namespace causerie::protocol {

/// NewReno as RFC 9002, section 7 and appendix B, write it; minimum window 4 datagrams, so that a
/// conversation still crawls at 40 % loss; maximum 4 MiB, which bounds the memory of a link.
class new_reno final : public congestion {
public:
  explicit new_reno(std::size_t datagram_bytes) noexcept
      : datagram_bytes_{datagram_bytes}, window_bytes_{10 * datagram_bytes} {}

  static constexpr std::size_t window_bytes_max = 4u << 20;

  void on_ack(std::size_t bytes, instant sent_at, std::size_t in_flight) override;
  void on_loss(instant sent_at, instant now) override;
  void on_persistent_congestion() override;
  [[nodiscard]] std::size_t window_bytes() const override { return window_bytes_; }

private:
  [[nodiscard]] bool recovering(instant sent_at) const noexcept {
    return recovery_began_ && sent_at <= *recovery_began_;
  }
  [[nodiscard]] std::size_t window_bytes_min() const noexcept { return 4 * datagram_bytes_; }

  std::size_t datagram_bytes_;
  std::size_t window_bytes_;
  std::size_t slow_start_end_ = std::numeric_limits<std::size_t>::max();
  std::size_t acked_bytes_ = 0;  // Since the window last grew in congestion avoidance.
  std::optional<instant> recovery_began_;
};

}  // namespace causerie::protocol
