// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/suspect_list.hpp"

#include <algorithm>

#include "protocol/assert.hpp"

namespace causerie::protocol::swim {

void suspect_list::start(const node_id& accused, suspicion what) {
  running_.insert_or_assign(accused, std::move(what));
  earliest_.reset();
}

void suspect_list::clear(const node_id& accused) {
  if (running_.erase(accused) != 0) earliest_.reset();
}

bool suspect_list::confirm(const node_id& accused, const accusation& another) {
  const auto at = running_.find(accused);
  if (at == running_.end() || !at->second.confirm(another)) return false;
  earliest_.reset();
  return true;
}

const suspicion* suspect_list::find(const node_id& accused) const {
  const auto at = running_.find(accused);
  return at == running_.end() ? nullptr : &at->second;
}

accusation suspect_list::next_accusation(const node_id& accused) {
  const auto at = running_.find(accused);
  CAUSERIE_ASSERT(at != running_.end());
  return at->second.next_accusation();
}

void suspect_list::shift(duration gap) {
  for (auto& [accused, running] : running_) running.shift(gap);
  earliest_.reset();
}

std::vector<node_id> suspect_list::expired(instant now) const {
  std::vector<node_id> found;
  const auto first = earliest();
  if (!first || *first > now) return found;
  for (const auto& [accused, running] : running_)
    if (running.deadline() <= now) found.push_back(accused);
  return found;
}

void suspect_list::extend(const node_id& accused, instant until) {
  const auto at = running_.find(accused);
  if (at == running_.end()) return;
  at->second.shift(until - at->second.deadline());
  earliest_.reset();
}

std::vector<node_id> suspect_list::accused_by(const node_id& accuser) const {
  std::vector<node_id> found;
  for (const auto& [accused, running] : running_)
    if (running.accused_by(accuser)) found.push_back(accused);
  return found;
}

std::optional<instant> suspect_list::earliest() const {
  if (running_.empty()) return std::nullopt;
  if (!earliest_) {
    earliest_ = instant::max();
    for (const auto& [accused, running] : running_)
      earliest_ = std::min(*earliest_, running.deadline());
  }
  return earliest_;
}

}  // namespace causerie::protocol::swim
