// SPDX-License-Identifier: BSL-1.0
#include <algorithm>

#include "protocol/causal/group_state.hpp"
#include "protocol/errors.hpp"

namespace causerie::protocol {

using namespace causal;

namespace {

constexpr duration leave_patience = std::chrono::seconds{5};
constexpr duration joiner_silence = std::chrono::seconds{60};
/// A parked member that is this close behind may be waited for again.
constexpr sequence caught_up_within = 64;

}  // namespace

void causal_group::state::leave() {
  if (at == phase::leaving || at == phase::ended) return;
  if (at != phase::active) {
    left_in_order = true;
    return end({}, {});
  }
  leave_number = append(message_kind::leave, {}, wall_time{});
  left_in_order = true;
  at = phase::leaving;
  leave_by = now + leave_patience;
  members_changed = rows_changed = true;
  announced_present = false;
  outbox.emplace_back(announce{false});
}

void causal_group::state::end(std::error_code reason, std::string text) {
  if (at == phase::ended) return;
  at = phase::ended;
  join_at.reset();
  maintenance_at.reset();
  rows.stop();
  if (announced_present) outbox.emplace_back(announce{false});
  announced_present = false;
  stream.end(ended_event{reason, std::move(text)});
}

void causal_group::state::mark_down(group_member& member) {
  if (member.down_since || member.left) return;
  member.down_since = now;
  members_changed = rows_changed = true;
}

void causal_group::state::mark_up(group_member& member) {
  if (!member.down_since) return;
  if (now - *member.down_since > config.horizon) member.shed = true;  // Until it has caught up.
  member.down_since.reset();
  member.row_heard = now;
  members_changed = rows_changed = true;
  known.join(member.row);
  send_row({member.who.node});
  repair.wake(now);
}

void causal_group::state::on_node_down(const incarnation& who) {
  auto& [epoch, up] = nodes[who.node];
  if (epoch > who.epoch) return;
  epoch = who.epoch;
  up = false;
  if (auto* member = find(who)) mark_down(*member);
  repair.wake(now);
  if (asked_sponsor == who && at == phase::seeking) {
    asked_sponsor.reset();
    seek();
  }
}

void causal_group::state::on_node_up(const incarnation& who) {
  auto& [epoch, up] = nodes[who.node];
  if (epoch > who.epoch) return;
  epoch = who.epoch;
  up = true;
  supersede_older(who);
  if (auto* member = find(who); member && !member->left) mark_up(*member);
}

/// A node in a new life is a new member; the old one will not come back.
void causal_group::state::supersede_older(const incarnation& who) {
  for (auto& [of, member] : members) {
    if (member.who.node != who.node || member.who.epoch >= who.epoch || of == tag) continue;
    mark_down(member);
    if (!member.superseded) ++counts.superseded;
    member.superseded = true;
    members_changed = true;
  }
}

/// A member that the directory has shown and shows no more has gone without a word that arrived.
void causal_group::state::check_directory_absence() {
  for (auto& [of, member] : members) {
    if (of == tag) continue;
    const bool present = std::binary_search(directory.begin(), directory.end(), member.who);
    if (member.listed && !present) mark_down(member);
    if (!member.listed && present && !member.superseded) {
      const auto node = nodes.find(member.who.node);
      if (node == nodes.end() || node->second.second) mark_up(member);
    }
    member.listed = present;
  }
}

void causal_group::state::drop_silent_joiners() {
  for (auto& [of, member] : members)
    if (of != tag && !member.activated && member.up() && now - member.row_heard > joiner_silence)
      mark_down(member);
}

/// Flow control must not become a standstill: a member that keeps a sender waiting for long, and
/// is far slower than the others (or does not move at all), is no longer waited for.
void causal_group::state::park_laggards() {
  if (!blocked_since || now - *blocked_since < config.park_after || at != phase::active) return;
  std::vector<std::uint64_t> rates;
  for (const auto& [of, member] : members)
    if (of != tag && member.counts_as_live())
      rates.push_back(member.row.total() - std::min(member.row.total(), member.progress_mark));
  if (rates.empty()) return;
  std::sort(rates.begin(), rates.end());
  const auto median = rates[rates.size() / 2];
  for (auto& [of, member] : members) {
    if (of == tag || !member.counts_as_live()) continue;
    const bool holds_back = member.usable.at(tag) == live.at(tag) && live.at(tag) < sent;
    const auto moved = member.row.total() - std::min(member.row.total(), member.progress_mark);
    if (holds_back && (moved == 0 || moved * 2 < median)) {
      member.parked = true;
      ++counts.parked;
      members_changed = rows_changed = true;
    }
    member.progress_mark = member.row.total();
  }
  blocked_since = now;
}

/// A parked member, or one given up, is waited for again when nothing that it lacks is gone.
void causal_group::state::maybe_return(group_member& member) {
  if (!member.parked && !member.shed) return;
  if (!member.up() || !member.row.covers(floor)) return;
  const auto has = member.row.at(tag);
  if (member.parked && has < live.at(tag) && sent - has > caught_up_within) return;
  member.parked = member.shed = false;
  ++counts.returned;
  members_changed = rows_changed = true;
}

/// Tells the application how the membership differs from what it was told last.
void causal_group::state::announce_view() {
  for (auto& [of, member] : members) {
    if (of == tag || stream.full()) continue;
    const auto standing = member.standing();
    if (member.was_announced && standing == member.announced) continue;
    if (!member.was_announced && standing != member_standing::active) continue;
    switch (standing) {
      case member_standing::active: stream.append(member_up_event{member.who}); break;
      case member_standing::down: stream.append(member_down_event{member.who}); break;
      case member_standing::left: stream.append(member_left_event{member.who}); break;
      case member_standing::parked: stream.append(member_lagging_event{member.who}); break;
      case member_standing::joining: continue;
    }
    member.announced = standing;
    member.was_announced = true;
  }
  view_changed = stream.full();  // Then the rest has to wait.
}

}  // namespace causerie::protocol
