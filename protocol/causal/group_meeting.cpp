// SPDX-License-Identifier: BSL-1.0
#include <algorithm>

#include "protocol/causal/group_state.hpp"
#include "protocol/errors.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol {

using namespace causal;

namespace {

constexpr duration summary_gap = std::chrono::milliseconds{250};
constexpr std::size_t strangers_max = 1024;

}  // namespace

group_member& causal_group::state::add_member(const incarnation& who, const vector_clock& base) {
  const auto of = make_member_tag(group, who);
  const auto [at_member, added] = members.try_emplace(of, who, base);
  auto& member = at_member->second;
  if (!added) return member;
  tags[who] = of;
  member.base = base;
  member.row_heard = now;
  members_changed = rows_changed = keeping.members_changed = true;
  const auto node = nodes.find(who.node);
  const bool outlived = node != nodes.end() && node->second.first > who.epoch;
  const bool dead = node != nodes.end() && node->second.first == who.epoch && !node->second.second;
  if (of != tag && (outlived || dead)) mark_down(member);
  member.superseded = outlived;
  supersede_older(who);
  return member;
}

group_summary causal_group::state::make_summary(summary_use use, member_tag to) const {
  group_summary summary{use, to, floor, delivered(), {}, lamport, {}, {}, tombs.list()};
  for (const auto& [of, member] : members) {
    listed_member listed{member.who,
                         member.root,
                         member.activated,
                         member.left,
                         member.down_since.has_value(),
                         member.foreign(),
                         0};
    if (member.down_since)
      listed.down_ms = static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(now - *member.down_since).count());
    summary.members.push_back(listed);
  }
  return summary;
}

std::error_code causal_group::state::on_summary_request(const incarnation& from,
                                                        const shared_bytes& body) {
  const auto request = decode_frame<summary_request>(body);
  if (!request) return malformed();
  if (!is_member() || !summary_budget.allow(from.node, now)) return protocol_errc::would_block;
  close_bundle();
  drain();
  auto summary = make_summary(request->use, make_member_tag(group, from));
  if (const auto* member = find(from))
    summary.why = member->parked ? gap_event::cause::lagging
                  : member->shed ? gap_event::cause::retention
                                 : gap_event::cause::unreachable;
  outbox.emplace_back(send_internal{from.node, encode(frame_type::summary, summary)});
  return {};
}

void causal_group::state::request_summary(const incarnation& from, summary_use use) {
  if (summaries_asked.size() > strangers_max) summaries_asked.clear();
  const auto asked = summaries_asked.find(from.node);
  if (asked != summaries_asked.end() && now - asked->second < summary_gap) return;
  summaries_asked[from.node] = now;
  emit_frame({from.node}, encode(frame_type::summary_request, summary_request{use}),
             frame_care::reliable, frame_lane::control);
}

std::error_code causal_group::state::on_summary(const incarnation& from, const shared_bytes& body) {
  const auto summary = decode_frame<group_summary>(body);
  if (!summary || !well_formed(*summary)) return malformed();
  if (summary->to != tag) return protocol_errc::stale_epoch;
  switch (summary->use) {
    case summary_use::join: on_join_ok(from, *summary); break;
    case summary_use::gap:
      if (takes_part()) skip_to(from, *summary);
      break;
    case summary_use::merge:
      if (at == phase::active) merge(from, *summary);
      break;
  }
  return {};
}

/// True when it names some who are gone and were never known here: what they said counts as
/// delivered from now on, so all that it depends on, which is in the summary's cut, must too.
bool causal_group::state::learn_members(const group_summary& summary) {
  bool gone_unseen = false;
  for (const auto& tomb : summary.tombs) {
    const auto of = make_member_tag(group, tomb.who);
    // Two halves may have retired it after different messages: the lesser tomb was too early.
    on_evidence(of, tomb.last);
    if (find(of) || tombs.find(of) || of == tag) continue;
    tombs.bury(of, {tomb.who, tomb.last, tomb.left});
    gone_unseen = gone_unseen || tomb.last != 0;
    keeping.members_changed = true;
    buffer.retire(of, tomb.last);
  }
  for (const auto& listed : summary.members) {
    const auto of = make_member_tag(group, listed.who);
    if (auto* invited = find(of); invited && !invited->activated && !roots.contains(listed.root)) {
      // We let it in, but it lost sight of us on the way and became a member elsewhere.
      invited->root = listed.root;
      invited->owed_from = group_member::owes_nothing;
    }
    if (of == tag || find(of) || tombs.find(of)) continue;
    if (members.size() >= vector_clock::entries_max) return gone_unseen;
    auto& member = add_member(listed.who, {});
    member.activated = listed.active;
    member.left = listed.left;
    keeping.members_changed = true;
    member.root = listed.root;
    if (!roots.contains(listed.root)) member.owed_from = group_member::owes_nothing;
    if (listed.down && !member.down_since) {
      const auto node = nodes.find(listed.who.node);
      if (node == nodes.end() || !node->second.second) mark_down(member);
    }
    if (member.down_since)
      member.down_since = now - std::min<duration>(std::chrono::milliseconds{listed.down_ms},
                                                   std::chrono::hours{24 * 365});
  }
  return gone_unseen;
}

/// A member of another founding that has delivered what added us counts us as a member: from its
/// next message on, what is lost of it is a loss.
void causal_group::state::recognise(member_tag of, group_member& member) {
  if (!member.foreign()) return;
  const auto* me = find(tag);
  const auto& added = me->added_by;
  if (member.row.at(added.tag) < added.number && !tombs.find(added.tag)) return;
  member.owed_from = member.row.at(of) + 1;
  ++counts.recognised;
  keeping.members_changed = true;
  if (roots.size() < vector_clock::entries_max) roots.insert(member.root);
}

/// Two foundings of one group, or two halves that forgot each other, become one by learning each
/// other's members; the messages follow by ordinary repair. Where the first ones are gone, the
/// whole floor is adopted: nothing of a foreign founding before that was ever owed to us.
void causal_group::state::merge(const incarnation& from, const group_summary& summary) {
  if (planted(planted_bug::founding_not_merged)) return;
  ++counts.merged;
  on_evidence(summary.delivered);
  auto lost = owed_unseen(from, summary);
  const bool gone_unseen = learn_members(summary);
  declare_lost(
      gone_unseen ? adopt_cut(summary, /*gone_unseen=*/true) : std::vector<message_range>{},
      gap_event::cause::unreachable, std::move(lost));
  auto* member = find(from);
  if (member == nullptr) return;
  member->activated = view_changed = true;
  member->floor.join(summary.base);
  member->row.join(summary.delivered);
  known.join(summary.delivered);
  for (const auto& tomb : summary.tombs) {
    const auto of = make_member_tag(group, tomb.who);
    if (find(of) == nullptr) continue;
    known.raise(of, tomb.last);
    member->floor.raise(of, tomb.last);
  }
  lamport = std::max(lamport, summary.lamport);
  delivered_changed = rows_changed = status_changed = true;
  rows.at_once(now);
  repair.wake(now);
}

/// An active member of this group that we do not know.
void causal_group::state::meet(const incarnation& stranger) {
  if (at != phase::active || planted(planted_bug::founding_not_merged)) return;
  ++counts.met;
  request_summary(stranger, summary_use::merge);
}

std::vector<incarnation> causal_group::state::strangers() const {
  std::vector<incarnation> unknown;
  for (const auto& who : candidates()) {
    if (tags.contains(who)) continue;  // Spares most of them the hash behind their tag.
    const auto* tomb = tombs.find(make_member_tag(group, who));
    if (!tomb || !tomb->left) unknown.push_back(who);
  }
  return unknown;
}

void causal_group::state::meet_directory() {
  for (const auto& who : strangers()) {
    // One that was retired here, and retired us, learns from our row that we are not gone.
    if (!tombs.find(make_member_tag(group, who))) meet(who);
    send_row({who.node});
    members_changed = true;
  }
}

}  // namespace causerie::protocol
