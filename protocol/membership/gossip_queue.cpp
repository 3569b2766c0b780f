// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/gossip_queue.hpp"

#include <cmath>

namespace causerie::protocol::swim {

void gossip_queue::put(const record_key& what, gossip_rank rank) {
  erase(what);
  places_.emplace(what, order_.insert({0, rank, next_age_--, what}).first);
}

void gossip_queue::erase(const record_key& what) {
  const auto at = places_.find(what);
  if (at == places_.end()) return;
  order_.erase(at->second);
  places_.erase(at);
}

std::vector<record_key> gossip_queue::take(std::size_t count, std::size_t sends_max) {
  std::vector<record_key> taken;
  std::vector<place> again;
  while (taken.size() < count && !order_.empty()) {
    auto first = *order_.begin();
    taken.push_back(first.what);
    erase(first.what);
    if (++first.sent < sends_max) again.push_back(first);
  }
  for (const auto& told : again) places_.emplace(told.what, order_.insert(told).first);
  return taken;
}

std::size_t gossip_queue::sends_for(std::size_t members) {
  constexpr double lambda = 4;
  return static_cast<std::size_t>(lambda * std::ceil(std::log10(static_cast<double>(members) + 1)));
}

}  // namespace causerie::protocol::swim
