// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "protocol/link/ack_ranges.hpp"
#include "protocol/wire/codec.hpp"

namespace causerie::protocol {

/// Which packets have arrived: RFC 9000, section 19.3, with canonical varints.
struct ack_frame {
  packet_number largest = 0;
  std::uint64_t delay_us = 0;      ///< Since `largest` arrived. Untrusted.
  std::uint64_t first_length = 0;  ///< Packets before `largest` in its range.
  /// Further ranges downwards: packets missing in between, less one; packets in it, less one.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> more;

  /// The newest ranges, as many as fit `bytes_max`. Precondition: `ranges` is not empty.
  void name(std::span<const packet_range> ranges, duration delay, std::size_t bytes_max);
  /// Fills `ranges`, newest first; false when they run below zero.
  [[nodiscard]] bool read_ranges(std::vector<packet_range>& ranges) const;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, ack_frame& x) {
  return f(x.largest, x.delay_us, x.first_length,
           wire::limited(x.more, ack_ranges::ranges_max - 1));
}

}  // namespace causerie::protocol
