// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/group_frames.hpp"

#include "protocol/causal/bundle.hpp"
#include "protocol/causal/causal_group.hpp"

namespace causerie::protocol {

std::optional<group_id> group_of(byte_view body) {
  if (body.size() < causal::frame_head_bytes) return std::nullopt;
  group_id id;
  for (std::size_t i = 0; i < id.octets.size(); ++i)
    id.octets[i] = static_cast<std::uint8_t>(body[i]);
  return id;
}

namespace causal {

bool well_formed(const row_frame& x) noexcept {
  for (std::size_t i = 0; i < x.entries.size(); ++i) {
    const auto& entry = x.entries[i];
    if (entry.delivered == 0 || entry.delivered > sequence_max) return false;
    if (entry.kept > entry.delivered) return false;
    if (i > 0 && x.entries[i - 1].tag >= entry.tag) return false;
  }
  return true;
}

bool well_formed(const repair_request& x) noexcept {
  for (const auto& range : x.ranges)
    if (range.first == 0 || range.first > range.last) return false;
  return true;
}

namespace {

bool plausible(const vector_clock& clock) noexcept {
  for (const auto& entry : clock.entries())
    if (entry.number > sequence_max) return false;
  return clock.canonical();
}

}  // namespace

bool well_formed(const group_summary& x) noexcept {
  return plausible(x.base) && plausible(x.delivered) && x.added_by.number <= sequence_max &&
         x.delivered.covers(x.base);
}

result<frame_head> decode_head(const shared_bytes& frame) {
  if (frame.size() < frame_head_bytes) return failure(protocol_errc::malformed);
  frame_head head;
  wire::reader read{frame};
  if (!read(head)) return failure(protocol_errc::malformed);
  return head;
}

}  // namespace causal
}  // namespace causerie::protocol
