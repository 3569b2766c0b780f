// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/sent_packets.hpp"

#include <algorithm>

namespace causerie::protocol {

void sent_packets::push(instant sent_at, std::size_t bytes,
                        std::optional<packet_number> acked_up_to) {
  const auto frames_end = frames_begin_ + frames_.size();
  entry packet;
  packet.sent_at = sent_at;
  packet.frames_begin = frames_used_;
  packet.frames = static_cast<std::uint32_t>(frames_end - frames_used_);
  packet.bytes = static_cast<std::uint32_t>(bytes);
  packet.acked_up_to = acked_up_to;
  packet.what = fate::outstanding;
  packets_.push_back(packet);
  frames_used_ = frames_end;
}

void sent_packets::push_settled() {
  entry packet;
  packet.frames_begin = frames_used_;
  packets_.push_back(packet);
  trim();
}

void sent_packets::skip() {
  skipped_[skips_++ % skipped_.size()] = next();
  push_settled();
}

bool sent_packets::could_be_acked(const packet_range& range) const noexcept {
  if (range.last >= next()) return false;
  const auto known = std::min(skips_, skipped_.size());
  return std::none_of(
      skipped_.begin(), skipped_.begin() + static_cast<std::ptrdiff_t>(known),
      [&](packet_number skipped) { return range.first <= skipped && skipped <= range.last; });
}

void sent_packets::trim() {
  while (!packets_.empty() && packets_.front().what != fate::outstanding) {
    const auto packet = packets_.pop_front();
    ++begin_;
    for (std::uint32_t i = 0; i < packet.frames; ++i) {
      frames_.pop_front();
      ++frames_begin_;
    }
  }
}

}  // namespace causerie::protocol
