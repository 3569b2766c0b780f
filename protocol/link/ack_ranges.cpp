// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/ack_ranges.hpp"

#include <algorithm>

namespace causerie::protocol {

void ack_ranges::insert(packet_number number) {
  if (!ranges_.empty() && ranges_.front().last + 1 == number) {
    ranges_.front().last = number;
    return;
  }
  // The first range that does not lie wholly above the number.
  const auto at = std::find_if(ranges_.begin(), ranges_.end(),
                               [&](const packet_range& range) { return range.first <= number; });
  if (at != ranges_.end() && number <= at->last) return;
  const bool extends_lower = at != ranges_.end() && at->last + 1 == number;
  const bool extends_upper = at != ranges_.begin() && std::prev(at)->first == number + 1;
  if (extends_lower && extends_upper) {
    std::prev(at)->first = at->first;
    ranges_.erase(at);
  } else if (extends_lower) {
    at->last = number;
  } else if (extends_upper) {
    std::prev(at)->first = number;
  } else {
    ranges_.insert(at, {number, number});
    if (ranges_.size() > ranges_max) ranges_.pop_back();
  }
}

void ack_ranges::drop_up_to(packet_number number) {
  while (!ranges_.empty() && ranges_.back().last <= number) ranges_.pop_back();
  if (!ranges_.empty() && ranges_.back().first <= number) ranges_.back().first = number + 1;
}

bool ack_ranges::contains(packet_number number) const noexcept {
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const packet_range& range) {
    return range.first <= number && number <= range.last;
  });
}

}  // namespace causerie::protocol
