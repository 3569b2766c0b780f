// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/packet_frames.hpp"

namespace causerie::protocol {
namespace {

bool carried_kind(std::uint8_t type) noexcept {
  return type >= static_cast<std::uint8_t>(frame_kind::group) &&
         type <= static_cast<std::uint8_t>(frame_kind::store);
}

}  // namespace

std::error_code packet_frames::read(const shared_bytes& frames) {
  carried_frames.clear();
  ack_ranges.clear();
  ping = close = false;
  wire::reader reader{frames};
  std::size_t count = 0;
  while (!reader.done()) {
    if (++count > frames_per_packet_max) return protocol_errc::malformed;
    if (const auto error = read_one(reader)) return error;
  }
  // A packet of nothing would be acknowledged by nobody and measure nothing.
  if (count == 0) return protocol_errc::malformed;
  return {};
}

std::error_code packet_frames::read_one(wire::reader& reader) {
  std::uint8_t type = 0;
  if (!reader(type)) return protocol_errc::malformed;
  if (carried_kind(type)) {
    carried frame{static_cast<frame_kind>(type), {}};
    if (!reader(wire::limited(frame.body, frame_body_bytes_max))) return protocol_errc::malformed;
    carried_frames.push_back(std::move(frame));
    return {};
  }
  switch (static_cast<link_frame>(type)) {
    case link_frame::ping: ping = true; return {};
    case link_frame::close: close = true; return {};
    case link_frame::ack:
      if (!ack_ranges.empty() || !reader(ack) || !ack.read_ranges(ack_ranges))
        return protocol_errc::malformed;
      return {};
  }
  return protocol_errc::refused;
}

}  // namespace causerie::protocol
