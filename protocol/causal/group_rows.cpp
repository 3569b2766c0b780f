// SPDX-License-Identifier: BSL-1.0
#include <algorithm>

#include "protocol/causal/group_state.hpp"
#include "protocol/errors.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol {

using namespace causal;

namespace {

constexpr duration silence = std::chrono::seconds{2};

/// Rows of one owner replace each other in a link's queue, and only those.
std::uint64_t row_slot(const group_id& group, member_tag owner) {
  std::uint64_t slot = number(owner);
  for (std::size_t i = 0; i < 8; ++i) slot ^= std::uint64_t{group.octets[i]} << (8 * i);
  return slot;
}

}  // namespace

row_frame causal_group::state::make_row() {
  row_frame row{tag, ++row_number, is_member(), {}};
  row.entries.reserve(delivered().size());
  clock_walk floors{floor};
  for (const auto& entry : delivered().entries()) {
    const auto has = planted(planted_bug::row_claims_known) ? known.at(entry.tag) : entry.number;
    row.entries.push_back({entry.tag, has, has - floors.at(entry.tag)});
  }
  return row;
}

void causal_group::state::send_row(const std::vector<node_id>& to) {
  if (to.empty() || !takes_part()) return;
  close_bundle();
  counts.rows_sent += to.size();
  emit_any_size(to, encode(frame_type::row, make_row()), frame_care::fresh, frame_lane::control,
                row_slot(group, tag));
}

std::vector<node_id> causal_group::state::partners() const {
  std::vector<node_id> to;
  for (const auto& [of, member] : members)
    if (of != tag && member.up()) to.push_back(member.who.node);
  return to;
}

std::vector<node_id> causal_group::state::some_of(std::vector<node_id> all, std::size_t count) {
  for (std::size_t i = 0; i < count && i < all.size(); ++i)
    std::swap(all[i], all[i + chance.below(all.size() - i)]);
  if (all.size() > count) all.resize(count);
  return all;
}

bool causal_group::state::dirty() const {
  if (!buffer.empty()) return true;
  return std::any_of(members.begin(), members.end(), [this](const auto& entry) {
    return entry.first != tag && entry.second.up() && entry.second.row != delivered();
  });
}

void causal_group::state::row_tick() {
  rows.stop();
  if (!takes_part()) return;
  drain();
  auto to = partners();
  const bool changed = status_changed || row_sent != delivered();
  const bool lacking = dirty();
  if (++row_ticks % 8 == 0) {
    std::vector<node_id> down;
    for (const auto& [of, member] : members)
      if (member.down_since && !member.superseded && !member.left) down.push_back(member.who.node);
    for (const auto& node : some_of(std::move(down), 1)) to.push_back(node);
  }
  if (to.empty() && members.size() <= 1) return;
  if (!changed && !lacking) to = some_of(std::move(to), 3);
  send_row(to);
  if (!changed && lacking) ask_silent_members();
  row_sent = delivered();
  status_changed = false;
  for (auto& [of, member] : members) member.bytes_since_row = member.messages_since_row = 0;
  rows_changed = true;
  rows.on_row(changed, lacking, to.size() + 1, now, chance);
}

/// A member that we think lacks something has not said so for long: its rows may not reach us.
/// Ask itself, and two others for its last row.
void causal_group::state::ask_silent_members() {
  for (auto& [of, member] : members) {
    if (of == tag || !member.up() || member.row == delivered()) continue;
    if (now - member.row_heard < silence || now - member.row_wanted < silence) continue;
    member.row_wanted = now;
    ++counts.rows_missed;
    request_row(member.who.node, of);
    auto others = partners();
    std::erase(others, member.who.node);
    for (const auto& other : some_of(std::move(others), 2)) request_row(other, of);
  }
}

void causal_group::state::request_row(const node_id& from, member_tag about) {
  emit_frame({from}, encode(frame_type::row_request, row_request{about}), frame_care::fresh,
             frame_lane::control, row_slot(group, about) + 1);
}

std::error_code causal_group::state::on_row_request(const incarnation& from,
                                                    const shared_bytes& body) {
  const auto request = decode_frame<row_request>(body);
  if (!request) return malformed();
  if (!takes_part() || !row_budget.allow(from.node, now)) return protocol_errc::would_block;
  if (request->about == tag) {
    send_row({from.node});
  } else if (const auto* member = find(request->about); member && !member->row_body.empty()) {
    emit_any_size({from.node}, member->row_body, frame_care::fresh, frame_lane::control,
                  row_slot(group, request->about));
  }
  return {};
}

std::error_code causal_group::state::on_row(const incarnation& from, const shared_bytes& body) {
  auto row = decode_frame<row_frame>(body);
  if (!row || !well_formed(*row)) return malformed();
  if (!takes_part()) {
    ++counts.dropped_not_member;
    return protocol_errc::not_a_member;
  }
  const auto owner = row->owner;
  if (owner == tag) return {};
  ++counts.rows_received;
  const auto* tomb = tombs.find(owner);
  if (tomb && tomb->who == from && row->active && !tomb->left) {
    unretire(owner);
    tomb = nullptr;
  }
  auto* member = find(owner);
  if (member == nullptr) {
    if (row->active && !tomb && make_member_tag(group, from) == owner) meet(from);
    ++counts.dropped_unknown_member;
    return protocol_errc::unknown_peer;
  }
  take_row(owner, *member, *row, body);
  return {};
}

void causal_group::state::take_row(member_tag owner, group_member& member, const row_frame& row,
                                   const shared_bytes& body) {
  if (row.number <= member.row_number) return;
  vector_clock said, kept_from;
  said.reserve(row.entries.size());
  kept_from.reserve(row.entries.size());
  for (const auto& entry : row.entries) {
    on_evidence(entry.tag, entry.delivered);
    if (tombs.find(entry.tag)) continue;
    said.append(entry.tag, entry.delivered);
    kept_from.append(entry.tag, entry.delivered - entry.kept);
  }
  if (!member.on_row(row.number, std::move(said), kept_from, owner, delivered(), now)) return;
  member.row_body = body;
  if (member.up()) known.join(member.row);
  if (row.active && !member.activated) {
    member.activated = true;
    members_changed = true;
    // Whoever joined through an ADD has delivered it. This one was invited, lost sight of us on the
    // way, and became a member elsewhere.
    const auto& invitation = member.added_by;
    if (invitation.number != 0 && !tombs.find(invitation.tag) &&
        member.row.at(invitation.tag) < invitation.number) {
      member.owed_from = group_member::owes_nothing;
      ++counts.invited_elsewhere;
    }
  }
  rows_changed = true;
  recognise(owner, member);
  maybe_return(member);
  repair.wake(now);
}

}  // namespace causerie::protocol
