// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/ack_frame.hpp"

namespace causerie::protocol {

void ack_frame::name(std::span<const packet_range> ranges, duration delay, std::size_t bytes_max) {
  largest = ranges.front().last;
  delay_us = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(delay).count());
  first_length = ranges.front().last - ranges.front().first;
  more.clear();
  auto bytes = wire::encoded_size(*this);
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    const std::pair next{ranges[i - 1].first - ranges[i].last - 2,
                         ranges[i].last - ranges[i].first};
    bytes += wire::encoded_size(next);
    if (bytes > bytes_max) break;
    more.push_back(next);
  }
}

bool ack_frame::read_ranges(std::vector<packet_range>& ranges) const {
  ranges.clear();
  if (largest >= packet_number_end || first_length > largest) return false;
  ranges.push_back({largest - first_length, largest});
  for (const auto& [gap, length] : more) {
    const auto above = ranges.back().first;
    if (above < 2 || gap > above - 2 || length > above - 2 - gap) return false;
    const auto last = above - 2 - gap;
    ranges.push_back({last - length, last});
  }
  return true;
}

}  // namespace causerie::protocol
