// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/presence_directory.hpp"

#include "protocol/assert.hpp"

namespace causerie::protocol::swim {

presence_directory::outcome presence_directory::merge(const presence_record& record) {
  const auto& node = record.who.node;
  auto at = words_.find(node);
  if (at != words_.end() && at->second.epoch > record.who.epoch) return outcome::known;
  const auto newer_life = at != words_.end() && at->second.epoch < record.who.epoch;
  if (at != words_.end() && !newer_life) {
    const auto said = at->second.groups.find(record.group);
    if (said != at->second.groups.end()) {
      if (said->second.version >= record.version) return outcome::known;
    } else if (at->second.groups.size() >= groups_per_node_max) {
      return outcome::full;
    }
  }
  if (entries_ >= entries_max) return outcome::full;
  if (newer_life) forget(node);
  auto& spoken = words_[node];
  spoken.epoch = record.who.epoch;
  const auto [said, added] =
      spoken.groups.insert_or_assign(record.group, standing{record.version, record.present});
  entries_ += added ? 1 : 0;
  if (record.present) {
    present_[record.group].insert(node);
  } else if (const auto group = present_.find(record.group); group != present_.end()) {
    group->second.erase(node);
    if (group->second.empty()) present_.erase(group);
  }
  return outcome::news;
}

void presence_directory::forget(const node_id& node) {
  const auto at = words_.find(node);
  if (at == words_.end()) return;
  for (const auto& [group, said] : at->second.groups) {
    const auto present = present_.find(group);
    if (present == present_.end()) continue;
    present->second.erase(node);
    if (present->second.empty()) present_.erase(present);
  }
  entries_ -= at->second.groups.size();
  words_.erase(at);
}

const presence_directory::group_standings& presence_directory::standings(
    const incarnation& who) const {
  static const group_standings nothing;
  const auto at = words_.find(who.node);
  return at == words_.end() || at->second.epoch != who.epoch ? nothing : at->second.groups;
}

std::optional<presence_record> presence_directory::find(const node_id& node,
                                                        const group_id& group) const {
  const auto at = words_.find(node);
  if (at == words_.end()) return std::nullopt;
  const auto said = at->second.groups.find(group);
  if (said == at->second.groups.end()) return std::nullopt;
  return presence_record{
      {node, at->second.epoch}, group, said->second.version, said->second.present};
}

std::vector<group_id> presence_directory::groups_of(const incarnation& who) const {
  std::vector<group_id> groups;
  for (const auto& [group, said] : standings(who))
    if (said.present) groups.push_back(group);
  return groups;
}

std::vector<incarnation> presence_directory::present_in(const group_id& group) const {
  std::vector<incarnation> found;
  const auto at = present_.find(group);
  if (at == present_.end()) return found;
  for (const auto& node : at->second) found.push_back({node, words_.at(node).epoch});
  return found;
}

void presence_directory::audit() const {
  std::size_t entries = 0, present = 0;
  for (const auto& [node, spoken] : words_) {
    CAUSERIE_ASSERT(spoken.groups.size() <= groups_per_node_max);
    entries += spoken.groups.size();
    for (const auto& [group, said] : spoken.groups) present += said.present ? 1 : 0;
  }
  CAUSERIE_ASSERT(entries == entries_ && entries_ <= entries_max);
  for (const auto& [group, nodes] : present_) present -= nodes.size();
  CAUSERIE_ASSERT(present == 0);
}

}  // namespace causerie::protocol::swim
