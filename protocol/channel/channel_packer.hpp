// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/channel/channel_frames.hpp"

namespace causerie::protocol {

/// Writes data frames without a message struct in between: one allocation and one copy a frame,
/// however many messages share it.
class channel_packer {
public:
  /// `introduction` may be null; both must outlive the packer.
  channel_packer(std::uint64_t cid, const channel_introduction* introduction, sequence first);

  /// Adds a message if it still fits.
  [[nodiscard]] bool add(const shared_bytes& message);
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  /// The batch frame with all that was added. Precondition: something was.
  [[nodiscard]] shared_bytes batch() const;

  /// How many bytes of a fragment of a message of `total` bytes fit a frame.
  [[nodiscard]] std::size_t fragment_room(std::uint64_t off, std::uint64_t total) const;
  /// The fragment frame with these bytes of message `first`. Precondition: they fit.
  [[nodiscard]] shared_bytes fragment(std::uint64_t off, std::uint64_t total,
                                      byte_view bytes) const;

private:
  std::uint64_t cid_;
  const channel_introduction* introduction_;
  sequence first_;
  std::size_t header_bytes_;
  std::size_t body_bytes_ = 0;
  std::size_t count_ = 0;
  std::vector<const shared_bytes*> messages_;
};

}  // namespace causerie::protocol
