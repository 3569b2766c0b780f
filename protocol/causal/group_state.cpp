// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/group_state.hpp"

#include <algorithm>

#include "protocol/errors.hpp"

namespace causerie::protocol {

using namespace causal;

causal_group::state::state(const incarnation& self_, group_config config_, std::uint64_t seed)
    : self{self_},
      config{std::move(config_)},
      group{make_group_id(config.cluster, config.name)},
      tag{make_member_tag(group, self)},
      chance{seed},
      buffer{std::max(config.pending_bytes_max, 2 * config.message_bytes_max), config.window},
      stream{config} {}

void causal_group::state::take_time(instant at_) {
  now = std::max(now, at_);
  unsettled = true;
}

group_member* causal_group::state::find(member_tag of) {
  const auto found = members.find(of);
  return found == members.end() ? nullptr : &found->second;
}

const group_member* causal_group::state::find(member_tag of) const {
  const auto found = members.find(of);
  return found == members.end() ? nullptr : &found->second;
}

group_member* causal_group::state::find(const incarnation& who) {
  const auto found = tags.find(who);
  return found == tags.end() ? nullptr : find(found->second);
}

/// Draws the consequences of a batch of inputs, in the order in which they follow from each other.
void causal_group::state::settle() {
  unsettled = false;
  if (takes_part()) {
    retry_aside();
    drain();
    let_go_of_dropped();
    close_bundle();
    if (at == phase::joining) try_activate();
    const bool look_for_wants = wants_changed || delivered_changed || rows_changed;
    refresh_stability();
    if (look_for_wants) notice_wants();
    ask_for_wants();
  }
  if (is_member()) {
    if (members_changed || view_changed) {
      announce_majority();
      announce_view();
    }
    announce_stable();
    grant_credit();
    if (at == phase::leaving && live.at(tag) >= leave_number) end({}, {});
  }
  if (members_changed) plan_maintenance();
  if (stream.last() > std::max(events_said, stream.committed())) {
    events_said = stream.last();
    outbox.emplace_back(events_ready{});
  }
  refresh_counters();
}

std::optional<instant> causal_group::state::next_deadline() const {
  std::optional<instant> next;
  const auto consider = [&next](std::optional<instant> when) {
    if (when && (!next || *when < *next)) next = when;
  };
  if (at == phase::idle || at == phase::ended) return next;
  consider(join_at);
  consider(rows.next());
  consider(maintenance_at);
  if (takes_part()) consider(repair.next_deadline());
  return next;
}

/// When the slow rules have to look again: only for what is waiting for time to pass.
void causal_group::state::plan_maintenance() {
  members_changed = false;
  maintenance_at.reset();
  const auto at_latest = [this](instant when) {
    when = std::max(when, now + std::chrono::milliseconds{1});
    if (!maintenance_at || when < *maintenance_at) maintenance_at = when;
  };
  if (!takes_part()) return;
  if (leave_by) at_latest(*leave_by);
  if (blocked_since && at == phase::active) at_latest(*blocked_since + config.park_after);
  // Once it is overdue somebody still needs it: his next row will let it go, not the time.
  if (!cuts.empty()) {
    const auto too_old_at = cuts.oldest().at + config.history_age_max;
    at_latest(too_old_at > now ? too_old_at : now + std::chrono::seconds{1});
  }
  constexpr auto soon = std::chrono::seconds{5};
  if (at == phase::active && !strangers().empty()) at_latest(now + std::chrono::seconds{1});
  for (const auto& [of, member] : members) {
    if (of == tag) continue;
    if (member.left || !member.activated || member.shed || member.parked) at_latest(now + soon);
    if (!member.down_since) continue;
    const auto horizon_at = *member.down_since + config.horizon;
    if (horizon_at >= now) at_latest(horizon_at + std::chrono::milliseconds{1});
    const auto retire_at = *member.down_since + std::max(config.retire_after, config.horizon);
    at_latest(member.superseded || retire_at <= now ? now + soon : retire_at);
  }
}

void causal_group::state::maintain() {
  maintenance_at.reset();
  members_changed = true;
  rows_changed = true;
  if (leave_by && *leave_by <= now) {
    ++counts.left_unheard;
    return end({}, {});
  }
  drop_silent_joiners();
  park_laggards();
  recompute_cuts();
  trim_history();
  if (at != phase::active) return;
  meet_directory();
  retire_the_gone();
}

void causal_group::state::refresh_counters() {
  counts.held_bytes = log.bytes();
  counts.pending_bytes = buffer.held_bytes();
  counts.pending_messages = buffer.held_messages();
  counts.stream_events = stream.size();
  counts.stream_bytes = stream.bytes();
  counts.clock_entries = delivered().size();
}

void causal_group::state::emit_frame(std::vector<node_id> to, shared_bytes body, frame_care care,
                                     frame_lane lane, std::uint64_t slot) {
  if (to.empty()) return;
  outbox.emplace_back(send_frames{
      std::move(to), outgoing_frame{frame_kind::group, care, lane, slot, 0, std::move(body)}});
}

void causal_group::state::emit_any_size(const std::vector<node_id>& to, const shared_bytes& body,
                                        frame_care care, frame_lane lane, std::uint64_t slot) {
  if (body.size() <= frame_body_bytes_max) return emit_frame(to, body, care, lane, slot);
  for (const auto& node : to) outbox.emplace_back(send_internal{node, body});
}

std::error_code causal_group::state::malformed() {
  ++counts.dropped_malformed;
  return protocol_errc::malformed;
}

std::error_code causal_group::state::on_body(const incarnation& from, const shared_bytes& body) {
  const auto head = decode_head(body);
  if (!head || head->group != group) return malformed();
  if (at == phase::idle || at == phase::ended || from.node == self.node) {
    ++counts.dropped_not_member;
    return protocol_errc::not_a_member;
  }
  switch (head->type) {
    case frame_type::bundle: return on_bundle(from, body);
    case frame_type::row: return on_row(from, body);
    case frame_type::row_request: return on_row_request(from, body);
    case frame_type::repair_request: return on_repair_request(from, body);
    case frame_type::repair_answer: return on_repair_answer(from, body);
    case frame_type::join_request: return on_join_request(from, body);
    case frame_type::join_refused: return on_join_refused(from, body);
    case frame_type::summary_request: return on_summary_request(from, body);
    case frame_type::summary: return on_summary(from, body);
  }
  return malformed();
}

}  // namespace causerie::protocol
