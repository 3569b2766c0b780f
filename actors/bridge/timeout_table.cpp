// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/timeout_table.hpp"

#include <utility>

namespace causerie::actors {

std::optional<timeout_table::time_point> timeout_table::next_due() const {
  if (schedule_.empty()) return std::nullopt;
  return schedule_.begin()->first;
}

timeout_table::due_events timeout_table::take_due(time_point now) {
  due_events due;
  while (!schedule_.empty() && schedule_.begin()->first <= now) due.push_back(take_first());
  return due;
}

timeout_table::due_events timeout_table::take_all() {
  due_events all;
  while (!schedule_.empty()) all.push_back(take_first());
  return all;
}

timeout_table::unique_delayed_event_ptr timeout_table::take_first() {
  const auto first = schedule_.begin();
  auto taken = std::move(first->second);
  if (taken->backlink != actor_lookup_.end()) actor_lookup_.erase(taken->backlink);
  schedule_.erase(first);
  return taken;
}

}  // namespace causerie::actors
