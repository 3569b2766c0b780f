// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>

#include "protocol/link/ack_ranges.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol {

/// What has arrived, and when to say so: every second ack-eliciting packet, at once when one is
/// missing or late, else after the path's ack delay. RFC 9000, section 13.2.1.
class ack_scheduler {
public:
  struct arrival {
    packet_number number = 0;
    bool ack_eliciting = false;
    bool wants_ack_now = false;  ///< A probe: its sender waits for nothing else.
  };
  void on_packet(const arrival& packet, duration delay_max, instant now);
  /// An ACK frame went out.
  void on_ack_sent() noexcept;
  /// The peer has seen an ACK that named everything up to `largest`. A packet that came late, below
  /// it, has still to be named once.
  void on_ack_acked(packet_number largest) {
    if (waiting_ == 0) ranges_.drop_up_to(largest);
  }

  /// Something ack-eliciting has not been acknowledged yet: an ACK may ride along.
  [[nodiscard]] bool useful() const noexcept { return waiting_ != 0 && !ranges_.empty(); }
  /// An ACK must go now, with or without company.
  [[nodiscard]] bool due(instant now) const noexcept {
    return useful() && (at_once_ || waiting_ >= 2 || (deadline_ && *deadline_ <= now));
  }
  [[nodiscard]] std::optional<instant> deadline() const noexcept { return deadline_; }
  [[nodiscard]] const ack_ranges& received() const noexcept { return ranges_; }
  /// Since the largest one arrived.
  [[nodiscard]] duration delay(instant now) const noexcept { return now - largest_at_; }

private:
  ack_ranges ranges_;
  std::size_t waiting_ = 0;  // Ack-eliciting packets since the last ACK.
  bool at_once_ = false;
  std::optional<instant> deadline_;
  instant largest_at_{};
  packet_number expected_ = 0;
};

}  // namespace causerie::protocol
