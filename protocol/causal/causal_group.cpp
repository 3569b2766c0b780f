// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/causal_group.hpp"

#include <algorithm>

#include "protocol/causal/group_state.hpp"
#include "protocol/errors.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol {

using namespace causal;

causal_group::causal_group(incarnation self, group_config config, std::uint64_t seed)
    : state_{std::make_unique<state>(self, std::move(config), seed)} {}
causal_group::~causal_group() = default;
causal_group::causal_group(causal_group&&) noexcept = default;
causal_group& causal_group::operator=(causal_group&&) noexcept = default;

const group_id& causal_group::id() const noexcept { return state_->group; }

void causal_group::restore(group_image image, instant now) {
  state_->take_time(now);
  state_->restore(std::move(image));
}

void causal_group::follow(earlier_life before, instant now) {
  state_->take_time(now);
  state_->stream.restore(before.last, {});
  state_->followed = std::move(before.senders);
}

std::map<incarnation, sequence> causal_group::beginning() const { return state_->beginning(); }

std::vector<group_note> causal_group::take_notes() { return state_->take_notes(); }
bool causal_group::resuming() const noexcept { return state_->resuming; }

void causal_group::join(instant now) {
  state_->take_time(now);
  state_->join();
}

void causal_group::leave(instant now) {
  state_->take_time(now);
  state_->leave();
}

result<message_id> causal_group::send(shared_bytes payload, std::uint64_t request, wall_time wall,
                                      instant now) {
  state_->take_time(now);
  return state_->send(std::move(payload), request, wall);
}

result<std::vector<message_id>> causal_group::send_together(std::span<const shared_bytes> payloads,
                                                            wall_time wall, instant now) {
  state_->take_time(now);
  return state_->send_together(payloads, wall);
}

std::vector<group_event> causal_group::read(cursor after, std::size_t events_max) const {
  return state_->stream.read(after, events_max);
}

void causal_group::commit(cursor up_to, instant now) {
  state_->take_time(now);
  if (state_->keeping.begun) state_->note_events();  // Once committed it can no longer be read.
  state_->stream.commit(up_to);
}

cursor causal_group::committed() const noexcept { return state_->stream.committed(); }

std::error_code causal_group::on_frame(const incarnation& from, const shared_bytes& body,
                                       instant now) {
  state_->take_time(now);
  return state_->on_body(from, body);
}

std::error_code causal_group::on_internal(const incarnation& from, const shared_bytes& body,
                                          instant now) {
  return on_frame(from, body, now);
}

void causal_group::on_directory(std::span<const incarnation> present, bool complete, instant now) {
  auto& s = *state_;
  s.take_time(now);
  s.directory.assign(present.begin(), present.end());
  std::sort(s.directory.begin(), s.directory.end());
  s.directory_complete = complete;
  if (s.at == state::phase::seeking) s.seek();
  if (s.is_member()) {
    s.check_directory_absence();
    s.meet_directory();
  }
}

void causal_group::on_node_up(const incarnation& who, instant now) {
  state_->take_time(now);
  state_->on_node_up(who);
}

void causal_group::on_node_down(const incarnation& who, instant now) {
  state_->take_time(now);
  state_->on_node_down(who);
}

void causal_group::on_peer_up(const incarnation& who, instant now) {
  auto& s = *state_;
  s.take_time(now);
  if (!s.takes_part() || !s.find(who)) return;
  s.send_row({who.node});
  s.repair.wake(now);
}

void causal_group::on_frame_acked(const node_id&, std::uint64_t, instant) {
  // That a frame reached a node says nothing: the actor that held it may be dead. Rows do.
}

void causal_group::on_round_trip(const node_id& peer, duration rtt) {
  for (auto& [tag, member] : state_->members)
    if (member.who.node == peer) member.round_trip = rtt;
}

void causal_group::on_restarted(instant now) {
  auto& s = *state_;
  s.take_time(now);
  s.events_said = 0;
  s.summaries_asked.clear();
  if (planted(planted_bug::cursor_skips)) s.stream.commit(s.stream.committed() + 1);
  if (s.at == state::phase::idle || s.at == state::phase::ended) return;
  s.outbox.emplace_back(announce{s.announced_present});
  if (s.join_at) s.join_at = now;
  if (s.takes_part()) {
    s.send_row(s.partners());
    s.repair.restart(now);
  }
  if (s.blocked_since) s.outbox.emplace_back(credit{});
}

void causal_group::on_deadline(instant now) {
  auto& s = *state_;
  s.take_time(now);
  if (s.join_at && *s.join_at <= now) {
    s.join_at.reset();
    if (s.at == state::phase::seeking) s.seek();
    if (s.at == state::phase::joining) s.joining_tick();
  }
  if (s.rows.due(now)) s.row_tick();
  if (s.maintenance_at && *s.maintenance_at <= now) s.maintain();
  while (s.unsettled) s.settle();
}

std::optional<instant> causal_group::next_deadline() const { return state_->next_deadline(); }

std::optional<causal_group::output> causal_group::poll() {
  auto& s = *state_;
  if (s.outbox.empty() && s.unsettled) s.settle();
  if (s.outbox.empty()) return std::nullopt;
  auto next = std::move(s.outbox.front());
  s.outbox.pop_front();
  return next;
}

std::vector<causal_group::member_view> causal_group::members() const {
  std::vector<member_view> all;
  for (const auto& [tag, member] : state_->members)
    all.push_back({member.who, member.standing(), state_->delivered().at(tag)});
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.who < b.who; });
  return all;
}

bool causal_group::active() const noexcept { return state_->at == state::phase::active; }
const group_counters& causal_group::counters() const noexcept { return state_->counts; }
message_explanation causal_group::explain(const message_id& id) const {
  return state_->explain(id);
}
void causal_group::audit() const { state_->audit(); }

}  // namespace causerie::protocol
