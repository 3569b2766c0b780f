// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/range_cover.hpp"

#include <algorithm>

namespace causerie::protocol::swim {

bool range_cover::add(const key_range& range) {
  auto merged = range;
  auto at = covered_.upper_bound(range.first);
  if (at != covered_.begin()) {
    const auto before = std::prev(at);
    if (before->second >= range.end) return false;
    if (before->second >= range.first) at = before;
  }
  const auto first = at;
  for (; at != covered_.end() && at->first <= merged.end; ++at) {
    merged.first = std::min(merged.first, at->first);
    merged.end = std::max(merged.end, at->second);
  }
  if (first == at && covered_.size() >= ranges_max) return false;
  covered_.erase(first, at);
  covered_.emplace(merged.first, merged.end);
  return true;
}

bool range_cover::complete() const noexcept {
  const auto all = key_range::all();
  return covered_.size() == 1 && covered_.begin()->first == all.first &&
         covered_.begin()->second == all.end;
}

std::vector<key_range> range_cover::missing(std::size_t count_max) const {
  std::vector<key_range> gaps;
  auto from = record_key{};
  for (const auto& [first, end] : covered_) {
    if (gaps.size() == count_max) return gaps;
    if (from < first) gaps.push_back({from, first});
    from = end;
  }
  if (gaps.size() < count_max && from < record_key::end())
    gaps.push_back({from, record_key::end()});
  return gaps;
}

}  // namespace causerie::protocol::swim
