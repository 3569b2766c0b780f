// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/gossip_queue.hpp"

#include <cmath>

namespace causerie::protocol::swim {

void gossip_queue::push(const place& what) {
  queue_of(what.rank).insert(what);
  places_.insert_or_assign(what.what, what);
}

void gossip_queue::put(const record_key& what, gossip_rank rank) {
  erase(what);
  push({0, rank, next_age_--, what, 0});
}

void gossip_queue::erase(const record_key& what) {
  const auto at = places_.find(what);
  if (at == places_.end()) return;
  queue_of(at->second.rank).erase(at->second);
  places_.erase(at);
}

gossip_queue::place gossip_queue::pop(queue& from) {
  const auto first = *from.begin();
  erase(first.what);
  return first;
}

std::vector<gossip_queue::place> gossip_queue::pop_least_told(std::size_t count) {
  std::vector<place> told;
  while (told.size() < (count + 1) / 2 && !defences_.empty()) told.push_back(pop(defences_));
  while (told.size() < count && !empty()) {
    const auto defend =
        others_.empty() || (!defences_.empty() && *defences_.begin() < *others_.begin());
    told.push_back(pop(defend ? defences_ : others_));
  }
  return told;
}

std::vector<record_key> gossip_queue::take(std::size_t count, std::size_t sends_max) {
  std::vector<record_key> taken;
  for (auto& each : pop_least_told(count)) {
    taken.push_back(each.what);
    ++each.sent;
    if (++each.spread < sends_max) push(each);
  }
  return taken;
}

std::vector<record_key> gossip_queue::take_along(std::size_t count) {
  std::vector<record_key> taken;
  for (auto& each : pop_least_told(count)) {
    taken.push_back(each.what);
    ++each.sent;
    push(each);
  }
  return taken;
}

std::size_t gossip_queue::sends_for(std::size_t members) {
  constexpr double lambda = 4;
  return static_cast<std::size_t>(lambda * std::ceil(std::log10(static_cast<double>(members) + 1)));
}

}  // namespace causerie::protocol::swim
