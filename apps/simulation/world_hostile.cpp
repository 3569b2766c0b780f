// SPDX-License-Identifier: BSL-1.0
// Days on which one node means harm: its way into the network, and how the others are judged.
#include <algorithm>
#include <iterator>

#include "apps/simulation/hostile_port.hpp"
#include "apps/simulation/world.hpp"

namespace causerie::simulation {

std::unique_ptr<protocol::transport> world::attach(std::uint32_t node) {
  auto port = network_.attach(address_of(node));
  if (!is_hostile(hosts_[node])) return port;
  const protocol::incarnation self{rules_.nodes[node], protocol::boot_epoch{hosts_[node].life}};
  const auto group = protocol::make_group_id(protocol::group_config{}.cluster, rules_.group);
  return std::make_unique<hostile_port>(std::move(port), self, group, random_.next(),
                                        result_.sometimes["lie told"]);
}

/// What a hostile node says it saw is nothing to judge by, nor what others have heard from it.
checker::verdict world::ask_checker() {
  std::vector<checker::history> lives{std::make_move_iterator(histories_.begin()),
                                      std::make_move_iterator(histories_.end())};
  auto judged = day_.hostile ? lives : std::vector<checker::history>{};
  const auto& liar = rules_.liar;
  std::erase_if(judged, [&](const auto& life) { return life.node == liar; });
  for (auto& life : judged)
    std::erase_if(life.entries, [&](const auto& entry) { return entry.peer == liar; });
  auto verdict = checker::check(day_.hostile ? judged : lives);
  std::move(lives.begin(), lives.end(), histories_.begin());
  return verdict;
}

/// What lies cost those who heard them: dropped, and counted by cause.
void world::count_dropped(const host& at) {
  if (is_hostile(at)) return;
  const auto counted = at.node->counters();
  const auto dropped = counted.link.dropped_malformed + counted.link.dropped_optimistic_ack +
                       counted.group.dropped_malformed + counted.group.dropped_not_member +
                       counted.group.dropped_unknown_member + counted.channels.dropped_malformed +
                       counted.membership.dropped_malformed + counted.membership.dropped_cluster +
                       counted.membership.dropped_version;
  if (dropped != 0) result_.sometimes["lie dropped"] += dropped;
}

}  // namespace causerie::simulation
