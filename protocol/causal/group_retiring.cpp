// SPDX-License-Identifier: BSL-1.0
#include <algorithm>

#include "protocol/causal/group_state.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol {

using namespace causal;

/// Clocks would grow with every member that ever was. A member that is gone loses its entry once
/// everybody who may still ask has all its messages and nobody keeps them as history.
void causal_group::state::retire_the_gone() {
  if (!may_change_members()) return;
  for (const auto& [of, member] : members)
    if (of < tag && member.counts_as_live()) return;  // The lowest does it; doubles are harmless.
  std::vector<retire_record> gone;
  for (const auto& [of, member] : members)
    if (of != tag && ready_to_retire(of, member)) gone.push_back({member.who, delivered().at(of)});
  for (const auto& record : gone) {
    append_control(message_kind::retire, record);
    apply_retire(record);
  }
}

bool causal_group::state::ready_to_retire(member_tag of, const group_member& gone) const {
  // Not while it may still come back and find everything: a newer life alone rules that out.
  const bool down_for_long =
      gone.down_since &&
      (gone.superseded || now - *gone.down_since > std::max(config.retire_after, config.horizon));
  if (!gone.left && !down_for_long) return false;
  const auto last = delivered().at(of);
  if (planted(planted_bug::retire_unasked)) return true;
  if (known.at(of) > last || floor.at(of) < last) return false;
  return std::all_of(members.begin(), members.end(), [&](const auto& entry) {
    const auto& [other, member] = entry;
    if (other == of || other == tag) return true;
    if (!member.counts_for_stability(now, config.horizon)) return true;
    return member.usable.at(of) == last && member.forgotten(of) >= last;
  });
}

void causal_group::state::apply_retire(const retire_record& record) {
  const auto of = make_member_tag(group, record.who);
  if (of == tag) {
    ++counts.retire_denied;
    // We are not gone. This very message proves it to everybody who sees it.
    if (at == phase::active) append_control(message_kind::unretire, record);
    return;
  }
  if (find(of) == nullptr) return;
  if (delivered().at(of) > record.last) {
    ++counts.retire_denied;
    if (at == phase::active) append_control(message_kind::unretire, record);
    return;
  }
  // Not while a message waits for more of it: the other half had that, and will say how it ended.
  if (delivered().at(of) != record.last || known.at(of) > record.last ||
      buffer.mentioned().at(of) > record.last)
    return;
  bury(of);
}

void causal_group::state::apply_unretire(const retire_record& record) {
  const auto of = make_member_tag(group, record.who);
  if (of != tag && tombs.find(of)) unretire(of);
}

void causal_group::state::bury(member_tag of) {
  const auto gone = members.find(of);
  const tombstones::tomb tomb{gone->second.who, delivered().at(of), gone->second.left};
  ++counts.retired;
  // Who joins here counts its messages as delivered: all that they depend on must count so too.
  // Else a joiner delivers one of those after something that came later.
  begin_history_at(past_of({of, tomb.last}));
  buffer.retire(of, tomb.last);
  log.remove_all(of);
  forgettable({{of, tomb.last}});
  for (auto* clock : {&floor, &stable, &raw_stable, &live, &known, &row_sent}) clock->erase(of);
  cuts.forget(of);
  latest.forget(of);
  repair.close(of);
  tags.erase(tomb.who);
  members.erase(gone);
  for (auto& [other, member] : members) member.forget(of);
  if (const auto forgotten = tombs.bury(of, tomb)) buffer.forget_retired(*forgotten);
  members_changed = rows_changed = delivered_changed = keeping.members_changed = true;
}

void causal_group::state::on_evidence(member_tag of, sequence number) {
  if (tombs.empty()) return;
  const auto* tomb = tombs.find(of);
  if (tomb && number > tomb->last) unretire(of);
}

void causal_group::state::on_evidence(const bundle& content) {
  if (tombs.empty()) return;
  on_evidence(content.sender, content.last());
  for (const auto& message : content.messages)
    for (const auto& cause : message.causes) on_evidence(cause.tag, cause.number);
}

void causal_group::state::on_evidence(const vector_clock& clock) {
  if (tombs.empty()) return;
  for (const auto& entry : clock.entries()) on_evidence(entry.tag, entry.number);
}

vector_clock causal_group::state::without_tombs(const vector_clock& clock) const {
  auto kept = clock;
  for (const auto& entry : clock.entries())
    if (tombs.find(entry.tag)) kept.erase(entry.tag);
  return kept;
}

/// The member is back, where it was when it was retired; what it sent since comes by repair.
void causal_group::state::unretire(member_tag of) {
  const auto tomb = tombs.raise(of);
  if (!tomb) return;
  ++counts.unretired;
  buffer.unretire(of, tomb->last);
  floor.raise(of, tomb->last);
  stable.raise(of, tomb->last);
  cuts.raise(of, tomb->last);
  known.raise(of, tomb->last);
  auto& member = add_member(tomb->who, {});
  member.activated = true;
  member.left = tomb->left;
  keeping.members_changed = true;
  member.root = find(tag) ? find(tag)->root : of;
  delivered_changed = rows_changed = true;
}

}  // namespace causerie::protocol
