// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <vector>

#include "protocol/link/ack_frame.hpp"
#include "protocol/link/frame.hpp"

namespace causerie::protocol {

/// The link's own frames. Those above it have numbers from 16 on: see `frame_kind`.
enum class link_frame : std::uint8_t {
  ping = 1,   ///< Asks for an acknowledgement, at once.
  ack = 2,    ///< See ack_frame.
  close = 3,  ///< The sender has forgotten this session.
};

inline constexpr std::size_t frames_per_packet_max = 64;
/// Kind and length around a body.
inline constexpr std::size_t frame_header_bytes_max = 3;

[[nodiscard]] constexpr std::size_t frame_bytes(std::size_t body_bytes) noexcept {
  return 1 + wire::detail::varint_bytes(body_bytes) + body_bytes;
}

/// All frames of one packet, read before any of them is applied. Reused from packet to packet.
struct packet_frames {
  struct carried {
    frame_kind kind{};
    shared_bytes body;
  };
  std::vector<carried> carried_frames;
  ack_frame ack;
  std::vector<packet_range> ack_ranges;  ///< Of `ack`, newest first; empty: no ACK.
  bool ping = false;
  bool close = false;

  [[nodiscard]] bool ack_eliciting() const noexcept { return ping || !carried_frames.empty(); }

  /// Errors: `malformed`; `refused` for a frame type that nobody speaks, which ends the link.
  [[nodiscard]] std::error_code read(const shared_bytes& frames);

private:
  [[nodiscard]] std::error_code read_one(wire::reader& reader);
};

}  // namespace causerie::protocol
