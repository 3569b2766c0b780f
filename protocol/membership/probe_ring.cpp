// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/probe_ring.hpp"

#include <algorithm>
#include <utility>

namespace causerie::protocol::swim {

void probe_ring::add(const node_id& node, random_source& random) {
  const auto place = static_cast<std::size_t>(random.below(order_.size() + 1));
  order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(place), node);
  if (place < position_) ++position_;
}

void probe_ring::remove(const node_id& node) {
  const auto at = std::find(order_.begin(), order_.end(), node);
  if (at == order_.end()) return;
  if (static_cast<std::size_t>(at - order_.begin()) < position_) --position_;
  order_.erase(at);
}

std::optional<node_id> probe_ring::next(random_source& random) {
  if (order_.empty()) return std::nullopt;
  if (position_ >= order_.size()) {
    position_ = 0;
    for (auto i = order_.size() - 1; i > 0; --i)
      std::swap(order_[i], order_[static_cast<std::size_t>(random.below(i + 1))]);
  }
  return order_[position_++];
}

}  // namespace causerie::protocol::swim
