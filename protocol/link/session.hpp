// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <span>

#include "protocol/link/packet.hpp"

namespace causerie::protocol {

/// What turns frames into a packet that only one peer can have made, and back. A packet is header,
/// `before_bytes` of the session's own, the frames, `after_bytes` of the session's own; in all
/// sessions header and both parts come to 29 bytes, so that sealing later moves no limit.
class session {
public:
  static constexpr std::size_t overhead_bytes = 29;

  virtual ~session() = default;

  [[nodiscard]] virtual std::size_t before_bytes() const noexcept = 0;
  [[nodiscard]] virtual std::size_t after_bytes() const noexcept = 0;
  /// Completes a packet whose header and frames are in their places.
  virtual void seal(packet_number number, std::span<std::byte> packet) const noexcept = 0;
  /// The frames of a packet that the peer sealed. Errors: `malformed` (too short, or forged),
  /// `stale_epoch` (meant for or from another life of either node).
  [[nodiscard]] virtual result<shared_bytes> open(packet_number number,
                                                  const shared_bytes& packet) const = 0;
};

}  // namespace causerie::protocol
