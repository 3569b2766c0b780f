// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "protocol/ids.hpp"
#include "protocol/random.hpp"

namespace causerie::protocol::swim {

/// Whom to knock at: everybody once, in an order drawn by chance, then anew.
///
/// A knock is a datagram that wants no answer. Where a process has gone, its host refuses it, and
/// that is a reason to look: so the dead of any cluster are met several times a second, for the
/// price of a few small packets a period.
class knock_round {
public:
  /// The next `count` of `live`, all different; all of `live` when there are no more.
  [[nodiscard]] std::vector<node_id> next(const std::vector<node_id>& live, std::size_t count,
                                          random_source& random) {
    if (live.size() <= count) return live;
    std::vector<node_id> found;
    while (found.size() < count) {
      if (left_.empty()) refill(live, random);
      const auto node = left_.back();
      left_.pop_back();
      if (std::find(found.begin(), found.end(), node) == found.end()) found.push_back(node);
    }
    return found;
  }

private:
  void refill(const std::vector<node_id>& live, random_source& random) {
    left_ = live;
    for (auto i = left_.size() - 1; i > 0; --i)
      std::swap(left_[i], left_[static_cast<std::size_t>(random.below(i + 1))]);
  }

  std::vector<node_id> left_;  // Some may have gone meanwhile.
};

}  // namespace causerie::protocol::swim
