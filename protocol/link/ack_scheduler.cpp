// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/ack_scheduler.hpp"

namespace causerie::protocol {

void ack_scheduler::on_packet(const arrival& packet, duration delay_max, instant now) {
  ranges_.insert(packet.number);
  const bool in_order = packet.number == expected_;
  if (packet.number >= expected_) {
    expected_ = packet.number + 1;
    largest_at_ = now;
  }
  if (!packet.ack_eliciting) return;
  ++waiting_;
  if (!in_order || packet.wants_ack_now) at_once_ = true;
  if (!deadline_) deadline_ = now + delay_max;
}

void ack_scheduler::on_ack_sent() noexcept {
  waiting_ = 0;
  at_once_ = false;
  deadline_.reset();
}

}  // namespace causerie::protocol
