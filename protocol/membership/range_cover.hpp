// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>
#include <vector>

#include "protocol/membership/swim_record.hpp"

namespace causerie::protocol::swim {

/// Which parts of another node's state have arrived: a set of half-open ranges of keys.
class range_cover {
public:
  /// Disjoint ranges kept at once; one that would add to them is not taken (it is asked for again).
  static constexpr std::size_t ranges_max = 512;

  /// True when the range held something not covered before.
  bool add(const key_range& range);
  [[nodiscard]] bool complete() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return covered_.empty(); }
  /// The first `count_max` ranges that are not covered, in order.
  [[nodiscard]] std::vector<key_range> missing(std::size_t count_max) const;
  void clear() noexcept { covered_.clear(); }

private:
  std::map<record_key, record_key> covered_;  // first -> end; disjoint and not adjacent.
};

}  // namespace causerie::protocol::swim
