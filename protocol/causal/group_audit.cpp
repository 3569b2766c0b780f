// SPDX-License-Identifier: BSL-1.0
#include <algorithm>

#include "protocol/assert.hpp"
#include "protocol/causal/group_state.hpp"

namespace causerie::protocol {

using namespace causal;

void causal_group::state::audit() const {
  buffer.audit(/*drained=*/!unsettled && takes_part() && !stream.full());
  log.audit();
  stream.audit();
  CAUSERIE_ASSERT(delivered().canonical() && floor.canonical());
  CAUSERIE_ASSERT(delivered().covers(floor));
  CAUSERIE_ASSERT(delivered().covers(stable) && stable.covers(floor));
  CAUSERIE_ASSERT(delivered().at(tag) == sent || at == phase::idle || at == phase::seeking);
  CAUSERIE_ASSERT(delivered().covers(latest.latest()));
  for (const auto& [who, of] : tags) CAUSERIE_ASSERT(members.contains(of));
  CAUSERIE_ASSERT(tags.size() == members.size());
  if (is_member() && !unsettled && !view_changed)
    for (const auto& [of, member] : members) {
      const bool known_up = member.was_announced || member.standing() == member_standing::active;
      CAUSERIE_ASSERT(of == tag || !known_up || member.standing() == member.announced ||
                      member.standing() == member_standing::joining);
    }
  // Bundles delivered in part stay, one of each sender at most.
  CAUSERIE_ASSERT(buffer.held_bytes() <=
                  std::max(config.pending_bytes_max, 2 * config.message_bytes_max) +
                      members.size() * frame_body_bytes_max);
  CAUSERIE_ASSERT(delivered().size() <= vector_clock::entries_max);
  std::size_t bytes = 0;
  for (const auto& [from, body] : aside) bytes += body.size();
  CAUSERIE_ASSERT(bytes == aside_bytes);
  if (takes_part()) audit_log();
}

/// What is delivered is held from the floor up, and everything that it names is delivered too. The
/// latter is looked up for every eighth bundle, others the next time: reading them all takes longer
/// than everything that a node does between two audits.
void causal_group::state::audit_log() const {
  constexpr std::uint64_t read_one_of = 8;
  vector_clock held = floor;
  auto passed = delivered().total();
  log.for_each([&](member_tag of, const message_log::held& kept) {
    const auto done = delivered().at(of);
    if (kept.first <= held.at(of) + 1) held.raise(of, kept.last);
    if (++passed % read_one_of != 0) return;
    const auto content = decode_frame<bundle>(kept.body);
    CAUSERIE_ASSERT(content && content->first == kept.first && content->last() == kept.last);
    for (std::size_t i = 0; i < content->messages.size(); ++i) {
      if (kept.first + i > done || kept.last <= floor.at(of)) break;
      for (const auto& cause : content->messages[i].causes)
        CAUSERIE_ASSERT(buffer.satisfied(cause));
    }
  });
  for (const auto& entry : delivered().entries())
    CAUSERIE_ASSERT(held.at(entry.tag) >= entry.number || (entry.tag == tag && !outgoing.empty()));
}

}  // namespace causerie::protocol
