// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/roster.hpp"

#include <algorithm>

#include "protocol/assert.hpp"

namespace causerie::protocol::swim {

roster::roster(member_view self, std::size_t live_max) : live_max_{live_max} {
  const auto node = self.who.node;
  self_ = &all_.emplace(node, member{std::move(self)}).first->second;
}

member* roster::find(const node_id& node) {
  const auto at = all_.find(node);
  return at == all_.end() ? nullptr : &at->second;
}

const member* roster::find(const node_id& node) const {
  const auto at = all_.find(node);
  return at == all_.end() ? nullptr : &at->second;
}

std::optional<node_id> roster::add(member_view view, instant now) {
  const auto node = view.who.node;
  const auto [at, inserted] = all_.emplace(node, member{std::move(view), now});
  CAUSERIE_ASSERT(inserted);
  enlist(at->second, now);
  return forget_surplus();
}

std::optional<node_id> roster::set_state(member& who, member_state state, instant now) {
  CAUSERIE_ASSERT(&who != self_);
  delist(who);
  who.view.state = state;
  enlist(who, now);
  return forget_surplus();
}

void roster::enlist(member& who, instant now) {
  who.changed = now;
  if (is_live(who.view.state)) {
    CAUSERIE_ASSERT(!full());
    who.live_index = live_.size();
    live_.push_back(who.view.who.node);
  } else {
    gone_.emplace(now, who.view.who.node);
  }
}

void roster::delist(member& who) {
  if (!is_live(who.view.state)) {
    gone_.erase({who.changed, who.view.who.node});
    return;
  }
  const auto last = live_.back();
  live_[who.live_index] = last;
  all_.at(last).live_index = who.live_index;
  live_.pop_back();
}

std::optional<node_id> roster::forget_surplus() {
  if (gone_.size() <= gone_max) return std::nullopt;
  const auto oldest = gone_.begin()->second;
  gone_.erase(gone_.begin());
  all_.erase(oldest);
  return oldest;
}

std::vector<node_id> roster::forget_old(instant now) {
  std::vector<node_id> forgotten;
  while (!gone_.empty() && gone_.begin()->first + gone_memory <= now) {
    forgotten.push_back(gone_.begin()->second);
    all_.erase(forgotten.back());
    gone_.erase(gone_.begin());
  }
  return forgotten;
}

std::vector<node_id> roster::draw_live(std::size_t count, random_source& random) const {
  if (count >= live_.size()) return live_;
  // Floyd's sampling: `count` draws, each slot equally likely, no shuffle of the whole list.
  std::vector<std::size_t> slots;
  for (auto top = live_.size() - count; top < live_.size(); ++top) {
    const auto slot = static_cast<std::size_t>(random.below(top + 1));
    const auto taken = std::find(slots.begin(), slots.end(), slot) != slots.end();
    slots.push_back(taken ? top : slot);
  }
  std::vector<node_id> drawn;
  for (const auto slot : slots) drawn.push_back(live_[slot]);
  return drawn;
}

std::optional<node_id> roster::draw_recently_dead(duration within, instant now,
                                                  random_source& random) const {
  std::vector<node_id> recent;
  for (auto at = gone_.rbegin(); at != gone_.rend() && at->first + within > now; ++at)
    if (all_.at(at->second).view.state == member_state::dead) recent.push_back(at->second);
  if (recent.empty()) return std::nullopt;
  return recent[random.below(recent.size())];
}

std::optional<node_id> roster::next_dead() {
  const auto is_dead = [this](const auto& entry) {
    return all_.at(entry.second).view.state == member_state::dead;
  };
  auto found = std::find_if(gone_.upper_bound(visited_), gone_.end(), is_dead);
  if (found == gone_.end()) found = std::find_if(gone_.begin(), gone_.end(), is_dead);
  if (found == gone_.end()) return std::nullopt;
  visited_ = *found;
  return found->second;
}

void roster::audit() const {
  CAUSERIE_ASSERT(live_.size() + gone_.size() + 1 == all_.size());
  CAUSERIE_ASSERT(live_count() <= live_max_ && gone_.size() <= gone_max);
  for (std::size_t slot = 0; slot < live_.size(); ++slot) {
    const auto& who = all_.at(live_[slot]);
    CAUSERIE_ASSERT(is_live(who.view.state) && who.live_index == slot);
  }
  for (const auto& [since, node] : gone_) {
    const auto& who = all_.at(node);
    CAUSERIE_ASSERT(!is_live(who.view.state) && who.changed == since);
  }
}

}  // namespace causerie::protocol::swim
