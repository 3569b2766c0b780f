// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace causerie::protocol {

/// The counter of a transport packet: from 0, never used twice in a session, never wraps.
using packet_number = std::uint64_t;

/// No packet bears this number or a higher one (WireGuard's REJECT_AFTER_MESSAGES).
inline constexpr packet_number packet_number_end = ~std::uint64_t{0} - (1u << 13);

/// Packets `first` to `last`, both included.
struct packet_range {
  packet_number first = 0;
  packet_number last = 0;
  friend bool operator==(const packet_range&, const packet_range&) = default;
};

}  // namespace causerie::protocol
