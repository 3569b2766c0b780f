// SPDX-License-Identifier: BSL-1.0
// Groups that refuse sends while fewer than half of their members can be seen.
#include <algorithm>

#include "protocol/causal/group_state.hpp"

namespace causerie::protocol {

using namespace causal;

/// The whole: everybody who was a member and neither left nor came back in a newer life. Those who
/// are down count, or each half of a split would be a whole.
majority_event causal_group::state::count_majority() const {
  std::uint32_t here = 0, all = 0;
  for (const auto& [of, member] : members) {
    if (of != tag && (member.left || member.superseded || !member.activated)) continue;
    ++all;
    if (of == tag || member.up()) ++here;
  }
  return {2 * here > all, here, all};
}

bool causal_group::state::has_majority() const {
  if (config.require_majority == 0) return true;
  const auto count = count_majority();
  return count.held && 2 * std::size_t{count.here} > config.require_majority;
}

/// Whether those who are here may change who the members are: to let strangers in, or to retire
/// those who are down, would make a minority a majority of what is left. A newer life of a member
/// takes its place and changes nothing.
bool causal_group::state::may_change_members(const node_id* joiner) const {
  if (config.require_majority == 0 || count_majority().held) return true;
  return joiner != nullptr && std::ranges::any_of(members, [&](const auto& entry) {
           return entry.second.who.node == *joiner;
         });
}

/// The application is told when that changes, and at the beginning when there is none.
void causal_group::state::announce_majority() {
  if (config.require_majority == 0 || stream.full()) return;
  auto count = count_majority();
  count.held = has_majority();
  count.of = std::max(count.of, static_cast<std::uint32_t>(config.require_majority));
  if (count.held != std::exchange(majority_said, count.held)) stream.append(count);
}

}  // namespace causerie::protocol
