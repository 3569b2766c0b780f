// SPDX-License-Identifier: BSL-1.0
#include <algorithm>

#include <fmt/format.h>

#include "protocol/causal/group_state.hpp"
#include "protocol/errors.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol {

using namespace causal;

namespace {

constexpr duration alone_for = std::chrono::seconds{1};
constexpr duration ask_again = std::chrono::seconds{1};
constexpr duration try_next = std::chrono::milliseconds{250};
constexpr duration no_progress = std::chrono::seconds{5};
/// How long a joiner goes after floors that rise as it comes, before it takes them as rows tell
/// them.
constexpr duration floor_patience = std::chrono::seconds{2};
constexpr duration activation_patience = std::chrono::seconds{10};

}  // namespace

void causal_group::state::join() {
  if (at != phase::idle) return;
  at = phase::seeking;
  join_attempts = chance.below(64);
  seek();
}

/// The group begins: its first message is this node adding itself, with nothing before it. Or it
/// begins again with what an earlier life left of it.
void causal_group::state::found() {
  at = phase::active;
  join_at.reset();
  const auto has = delivered();  // Of an earlier life.
  auto& me = add_member(self, has);
  me.activated = true;
  me.root = earlier_root.value_or(tag);
  roots.insert(me.root);
  const auto number =
      append_control(message_kind::add, add_record{self, has, earlier_root.value_or(member_tag{})});
  me.added_by = {tag, number};
  announced_present = true;
  ++(resuming ? counts.founded_again : counts.founded);
  outbox.emplace_back(announce{true});
  if (resuming || followed) outbox.emplace_back(credit{});  // Whoever wanted to send may.
  start_stream(joined_event{{self}, std::exchange(resuming, false)});
  rows_changed = status_changed = true;
}

std::vector<incarnation> causal_group::state::candidates() const {
  std::vector<incarnation> up;
  for (const auto& who : directory) {
    if (who.node == self.node) continue;
    const auto node = nodes.find(who.node);
    const bool down =
        node != nodes.end() && (node->second.first > who.epoch ||
                                (node->second.first == who.epoch && !node->second.second));
    if (!down) up.push_back(who);
  }
  return up;
}

void causal_group::state::seek() {
  const auto who = candidates();
  if (who.empty()) {
    asked_sponsor.reset();
    if (!directory_complete) {
      alone_since.reset();
      join_at.reset();
      return;
    }
    if (!alone_since) alone_since = now;
    if (now - *alone_since >= alone_for) return found();
    join_at = *alone_since + alone_for;
    return;
  }
  alone_since.reset();
  if (join_at && asked_sponsor) return;  // Somebody has been asked; give it time.
  ask_sponsor(who[join_attempts++ % who.size()]);
}

void causal_group::state::ask_sponsor(const incarnation& sponsor) {
  asked_sponsor = sponsor;
  // Another life goes on where it was, for which the oldest start is the safest.
  const auto history = resuming ? history_policy::recent : config.history;
  if (at == phase::seeking) join_at = now + ask_again;
  emit_frame({sponsor.node}, encode(frame_type::join_request, join_request{history}),
             frame_care::reliable, frame_lane::control);
}

std::error_code causal_group::state::on_join_request(const incarnation& from,
                                                     const shared_bytes& body) {
  const auto request = decode_frame<join_request>(body);
  if (!request) return malformed();
  if (!join_budget.allow(from.node, now)) return protocol_errc::would_block;
  const auto joiner = make_member_tag(group, from);
  if (const auto no = objection(from, joiner)) {
    emit_frame({from.node}, encode(frame_type::join_refused, *no), frame_care::reliable,
               frame_lane::control);
    return protocol_errc::refused;
  }
  sponsor(from, joiner, request->history);
  return {};
}

std::optional<join_refused> causal_group::state::objection(const incarnation& joiner,
                                                           member_tag joiner_tag) {
  if (at != phase::active) return join_refused{refusal::not_ready, "not an active member"};
  if (!may_change_members(&joiner.node))
    return join_refused{refusal::not_ready, "no majority of the members is here"};
  const auto* before = find(joiner_tag);
  const auto* tomb = tombs.find(joiner_tag);
  if ((before && before->left) || (tomb && tomb->left))
    return join_refused{refusal::stale, "this life of the node has left the group"};
  bool newer = tombs.retired_epoch(joiner.node) > joiner.epoch;
  std::size_t present = 0;
  for (const auto& [of, member] : members) {
    if (member.who.node == joiner.node)
      newer = newer || member.who.epoch > joiner.epoch;
    else
      present += member.up() ? 1 : 0;
  }
  if (newer) return join_refused{refusal::stale, "a newer life of the node is known"};
  if (before == nullptr && present >= config.members_max)
    return join_refused{refusal::full, fmt::format("the group is full ({} of {} members)", present,
                                                   config.members_max)};
  if (before == nullptr && members.size() >= vector_clock::entries_max)
    return join_refused{refusal::full, "too many members have come and gone lately"};
  return std::nullopt;
}

/// Lets a node in: tells everybody by a broadcast, and the joiner where to start.
void causal_group::state::sponsor(const incarnation& joiner, member_tag joiner_tag,
                                  history_policy history) {
  if (tombs.find(joiner_tag)) unretire(joiner_tag);
  recompute_cuts();
  auto* member = find(joiner_tag);
  if (member == nullptr || member->added_by.number == 0 || !member->base.covers(floor)) {
    const auto base = history == history_policy::recent ? floor : stable;
    cuts.record(stable, now);
    const auto number = append_control(message_kind::add, add_record{joiner, base});
    apply_add({joiner, base}, {tag, number});
    member = find(joiner_tag);
    member->added_by = {tag, number};
    member->base = base;
  }
  close_bundle();
  auto summary = make_summary(summary_use::join, joiner_tag);
  summary.base = member->base;
  summary.added_by = member->added_by;
  outbox.emplace_back(send_internal{joiner.node, encode(frame_type::summary, summary)});
}

std::error_code causal_group::state::on_join_refused(const incarnation& from,
                                                     const shared_bytes& body) {
  const auto refused = decode_frame<join_refused>(body);
  if (!refused) return malformed();
  if (at != phase::seeking || asked_sponsor != from) return protocol_errc::not_a_member;
  ++counts.joins_refused;
  if (refused->why != refusal::not_ready) {
    end(protocol_errc::refused, refused->text);
    return {};
  }
  asked_sponsor.reset();
  join_at = now + try_next;
  return {};
}

/// The joiner takes a stable cut as its own clock and fetches the rest as messages: thereby it
/// holds every message that may still be wanted, and the sponsor may die.
void causal_group::state::on_join_ok(const incarnation& from, const group_summary& summary) {
  if (at != phase::seeking && at != phase::joining) return;
  if (summary.added_by.number == 0) return;
  const bool fresh = at == phase::seeking;
  if (fresh && resuming && !shares_a_root(summary)) return found();
  // To a later life those that met its group while it was away are strangers, until they know it.
  if (!resuming)
    for (const auto& listed : summary.members)
      if (!listed.foreign) roots.insert(listed.root);
  if (fresh && resuming) {
    at = phase::joining;
    add_member(self, summary.base);
    resume(summary);
  } else if (fresh) {
    at = phase::joining;
    buffer.reset(planted(planted_bug::join_adopts_delivered_vector) ? summary.delivered
                                                                    : summary.base);
    floor = stable = summary.base;
    began = summary.base;
    add_member(self, summary.base);
    if (config.history == history_policy::recent) stream.hide();
  }
  added_by = summary.added_by;
  asked_sponsor = from;
  join_progress = 0;
  join_progress_at = now;
  // A second sponsor may know of some who came and went unseen by the first.
  if (learn_members(summary) && !fresh) {
    const auto missing = adopt_cut(summary, /*gone_unseen=*/true);
    if (resuming)
      declare_lost(missing, gap_event::cause::restart);
    else
      begin_above(missing, summary);
  }
  for (const auto& listed : summary.members)
    if (listed.who == self) find(tag)->root = listed.root;
  lamport = std::max(lamport, summary.lamport);
  known.join(summary.delivered);
  if (auto* sponsor = find(from)) sponsor->row.join(summary.delivered);
  join_at = now + try_next;
  if (fresh) {
    joining_since = now;
    above_cut_since.reset();
  }
  delivered_changed = rows_changed = true;
}

std::vector<member_tag> causal_group::state::unheard_for_activation() const {
  std::vector<member_tag> unheard;
  if (planted(planted_bug::dead_leave_stability)) return unheard;
  const bool patient = now - joining_since.value_or(now) < activation_patience;
  for (const auto& [of, member] : members) {
    if (of == tag || !member.up() || !member.activated) continue;
    if (member.row.at(added_by.tag) >= added_by.number) continue;
    // A member that is stuck must not keep others out for ever; its floor is known at least.
    if (!patient && member.row_number != 0) continue;
    unheard.push_back(of);
  }
  return unheard;
}

void causal_group::state::joining_tick() {
  join_at = now + try_next;
  for (const auto of : unheard_for_activation()) request_row(find(of)->who.node, of);
  const auto progress = delivered().total();
  if (progress != join_progress) {
    join_progress = progress;
    join_progress_at = now;
  }
  const auto* sponsor = asked_sponsor ? find(*asked_sponsor) : nullptr;
  const bool sponsor_gone = sponsor && !sponsor->up();
  if (now - join_progress_at < no_progress && !sponsor_gone) return;
  const auto who = candidates();
  if (!who.empty()) {
    join_progress_at = now;
    ++counts.sponsors_changed;
    return ask_sponsor(who[join_attempts++ % who.size()]);
  }
  if (!directory_complete || now - join_progress_at < no_progress) return;
  // Nobody is left who could let us in: begin again.
  ++counts.joins_begun_again;
  at = phase::seeking;
  if (!resuming) forget_everything();
  alone_since.reset();
  seek();
}

void causal_group::state::forget_everything() {
  buffer.reset({});
  log.clear();
  members.clear();
  tags.clear();
  known.clear();
  floor.clear();
  stable.clear();
  latest.clear();
  repair.clear();
  stream.drop_hidden();
  tombs = {};
  roots.clear();
}

void causal_group::state::try_activate() {
  const causal::clock_entry entry = added_by;
  if (!buffer.satisfied(entry) || !unheard_for_activation().empty()) return;
  activate();
}

std::optional<member_tag> causal_group::state::unknown_in(const vector_clock& cut) const {
  for (const auto& entry : cut.entries())
    if (!find(entry.tag) && !tombs.find(entry.tag)) return entry.tag;
  return std::nullopt;
}

/// Those who have forgotten more than was delivered here say where they begin: with their tombs,
/// for which their rows have no room. Whether there is anybody to ask.
bool causal_group::state::seek_higher_floors() {
  bool any = false;
  for (const auto& [of, member] : members) {
    if (of == tag || !member.up() || !member.activated || delivered().covers(member.floor))
      continue;
    request_summary(member.who, summary_use::gap);
    any = true;
  }
  return any;
}

void causal_group::state::activate() {
  vector_clock floors;
  if (!planted(planted_bug::dead_leave_stability))
    for (const auto& [of, member] : members)
      if (of != tag && member.up() && member.activated) floors.join(member.floor);
  on_evidence(floors);
  floors = without_tombs(floors);
  if (!delivered().covers(floors)) {
    if (!above_cut_since) {
      above_cut_since = now;
      ++counts.activated_above_cut;
    }
    // What is skipped of somebody who is not known here could not be declared.
    const bool wait = now - *above_cut_since < floor_patience || (resuming && unknown_in(floors));
    if (wait && seek_higher_floors()) return;
    stream.drop_hidden();
    std::vector<clock_entry> raised;
    const auto missing = buffer.raise(floors);
    for (const auto& range : missing) raised.push_back({range.tag, range.last});
    latest.on_raised(raised);
    floor.join(floors);
    forget_below_floor();
    if (resuming)
      declare_lost(missing, gap_event::cause::restart);
    else
      began = delivered();
  }
  if (config.history == history_policy::skip && !resuming) began = delivered();
  above_cut_since.reset();
  at = phase::active;
  join_at.reset();
  auto& me = add_member(self, {});
  me.activated = true;
  me.added_by = added_by;
  if (resuming) ++counts.resumed;
  if (resuming || followed) outbox.emplace_back(credit{});
  joined_event joined{{}, std::exchange(resuming, false)};
  for (auto& [of, member] : members) {
    if (of != tag && !(member.up() && member.activated)) continue;
    joined.members.push_back(member.who);
    member.announced = member_standing::active;
    member.was_announced = true;
  }
  std::sort(joined.members.begin(), joined.members.end());
  start_stream(std::move(joined));
  announced_present = true;
  outbox.emplace_back(announce{true});
  delivered_changed = rows_changed = status_changed = members_changed = true;
  rows.at_once(now);
  check_directory_absence();
  meet_directory();
  unsettled = true;  // What the raised clock covered may have been waited for.
}

}  // namespace causerie::protocol
