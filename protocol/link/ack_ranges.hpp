// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "protocol/link/packet_number.hpp"

namespace causerie::protocol {

/// The packet numbers that an ACK will name: disjoint ranges with gaps between them, newest first,
/// at most 32. When there are more the oldest are forgotten: the sender then takes those packets
/// for lost and sends their frames again, which is safe. Insertion is O(1) for packets in order.
class ack_ranges {
public:
  static constexpr std::size_t ranges_max = 32;

  /// Harmless for a number that is there already.
  void insert(packet_number number);
  /// Forgets every number up to and including `number`: an ACK that named them was acknowledged.
  void drop_up_to(packet_number number);

  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
  [[nodiscard]] packet_number largest() const noexcept { return ranges_.front().last; }
  [[nodiscard]] bool contains(packet_number number) const noexcept;
  /// Newest first.
  [[nodiscard]] std::span<const packet_range> ranges() const noexcept { return ranges_; }

private:
  std::vector<packet_range> ranges_;
};

}  // namespace causerie::protocol
