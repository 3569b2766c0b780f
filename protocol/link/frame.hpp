// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

#include "protocol/bytes.hpp"
#include "protocol/ids.hpp"

namespace causerie::protocol {

/// Whom the body of a frame concerns. The link carries bodies and never looks into them.
enum class frame_kind : std::uint8_t {
  group = 16,    ///< A causal group: see causal/group_frames.hpp.
  channel = 17,  ///< A private channel: see channel/channel_frames.hpp.
  overlay = 18,  ///< Reserved: routing.
  store = 19,    ///< Reserved: replicated records.
};

/// What the link does when the packet that carried a frame is lost.
enum class frame_care : std::uint8_t {
  reliable,    ///< Queued again until acknowledged.
  repairable,  ///< Sent again once; after that the machine's own repair finds it.
  fresh,       ///< Only the newest frame of a (kind, slot) matters: never a lost older one.
};

/// Shares of a link, served by deficit round robin; each is guaranteed a tenth.
enum class frame_lane : std::uint8_t { control, channel, group, bulk };
inline constexpr std::size_t lane_count = 4;

/// A frame's body never exceeds this, so that one always fits a datagram of the base path MTU
/// (1200) even when relayed: 29 + 44 + 29 + 3 bytes are for the headers around it.
inline constexpr std::size_t frame_body_bytes_max = 1090;

/// A frame to be sent. The body is shared: sending one body to many peers copies nothing.
struct outgoing_frame {
  frame_kind kind{};
  frame_care care{};
  frame_lane lane{};
  /// For `fresh` frames: a later frame of the same (kind, slot) to the same peer replaces this one.
  std::uint64_t slot = 0;
  /// When not zero: `link_set::frame_acked` reports it once the peer has acknowledged the packet.
  std::uint64_t token = 0;
  shared_bytes body;
};

}  // namespace causerie::protocol
