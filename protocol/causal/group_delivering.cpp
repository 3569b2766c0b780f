// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/group_state.hpp"
#include "protocol/errors.hpp"

namespace causerie::protocol {

using namespace causal;

namespace {

constexpr std::size_t aside_bytes_max = 64 * 1024;

/// Whether a bundle opens with its sender adding itself: how a group begins.
bool founds(const bundle& content, const group_id& group) {
  if (content.first != 1 || content.messages.front().kind != message_kind::add) return false;
  const auto record = wire::decode<add_record>(content.messages.front().payload);
  return record && make_member_tag(group, record->who) == content.sender;
}

}  // namespace

std::error_code causal_group::state::on_bundle(const incarnation& from, const shared_bytes& body) {
  auto content = decode_frame<bundle>(body);
  if (!content || !well_formed(*content) || body.size() > frame_body_bytes_max) return malformed();
  if (!takes_part()) {
    ++counts.dropped_not_member;
    return protocol_errc::not_a_member;
  }
  const auto sender = content->sender;
  if (sender == tag) return protocol_errc::duplicate;
  const auto first = content->first, last = content->last();
  on_evidence(*content);
  if (tombs.find(sender)) {
    ++counts.duplicates;
    return protocol_errc::duplicate;
  }
  if (!find(sender) && !founds(*content, group)) {
    put_aside(from, body, sender);
    return protocol_errc::unknown_peer;
  }
  if (const auto error = buffer.on_bundle(std::move(*content), body.size(), now)) {
    ++(error == protocol_errc::duplicate ? counts.duplicates : counts.dropped_window);
    return error;
  }
  wants_changed = true;
  hold(sender, {first, last, body});
  known.raise(sender, last);
  if (const auto* wanted = repair.find(sender); wanted && wanted->request != 0) {
    ++counts.repaired;
    if (make_member_tag(group, from) != sender) ++counts.repaired_by_others;
  }
  let_go_of_dropped();
  return {};
}

/// Its sender's ADD has not arrived yet. The row of whoever sent it shows what is missing.
void causal_group::state::put_aside(const incarnation& from, const shared_bytes& body, member_tag) {
  ++counts.dropped_unknown_member;
  if (aside_bytes + body.size() <= aside_bytes_max) {
    aside.emplace_back(from, body);
    aside_bytes += body.size();
    ++counts.put_aside;
  }
  if (const auto found = tags.find(from); found != tags.end())
    request_row(from.node, found->second);
  else
    meet(from);
}

void causal_group::state::retry_aside() {
  if (!members_changed || aside.empty()) return;
  aside_bytes = 0;
  for (const auto& [from, body] : std::exchange(aside, {}))
    if (!on_bundle(from, body)) ++counts.taken_from_aside;
}

void causal_group::state::drain() {
  while (!stream.full()) {
    auto ready = buffer.poll();
    if (!ready) return;
    deliver(*ready);
    if (at == phase::ended) return;
  }
}

void causal_group::state::let_go_of_dropped() {
  for (const auto& dropped : buffer.take_dropped()) {
    ++counts.dropped_pending_full;
    log.remove(dropped.sender, dropped.first);
  }
}

void causal_group::state::deliver(causal_buffer::delivery& ready) {
  auto& message = ready.message;
  lamport = std::max(lamport, std::min(message.lamport, std::uint64_t{1} << 62));
  latest.on_delivered(ready.sender, ready.last, message.causes);
  known.raise(ready.sender, ready.last);
  delivered_changed = true;
  const auto held = now - ready.arrived;
  past.on_delivered(ready.sender, ready.first, ready.last, now, held);
  auto* sender = find(ready.sender);
  if (sender) count_towards_row(*sender, message.payload.size());
  if (ready.broken) {
    ++counts.dropped_malformed;
    return;
  }
  if (message.kind != message_kind::application) return apply_control(ready);
  if (sender == nullptr) return;
  ++counts.delivered;
  if (at == phase::joining && config.history == history_policy::skip && !resuming) return;
  stream.append(message_event{{sender->who, ready.last},
                              message.lamport,
                              message.sent_at,
                              std::move(message.payload),
                              held});
}

/// Credit of a busy sender must not wait for the row timer.
void causal_group::state::count_towards_row(group_member& sender, std::size_t bytes) {
  constexpr std::size_t messages_per_row = 4096;
  sender.bytes_since_row += bytes;
  ++sender.messages_since_row;
  // Our window is at least what it were if every member counted: mostly nobody has to be counted.
  const auto window_min =
      std::min(config.own_window_bytes, config.unstable_bytes_max / (members.size() + 1));
  if (sender.messages_since_row < messages_per_row && sender.bytes_since_row < window_min / 4)
    return;
  if (sender.messages_since_row >= messages_per_row || sender.bytes_since_row >= own_window() / 4)
    rows.on_quarter(now);
}

void causal_group::state::apply_control(const causal_buffer::delivery& ready) {
  const auto& message = ready.message;
  const auto broken = [this] { ++counts.dropped_malformed; };
  switch (message.kind) {
    case message_kind::application:
    case message_kind::noop: return;
    case message_kind::leave: return apply_leave(ready.sender);
    case message_kind::add: {
      const auto record = wire::decode<add_record>(message.payload);
      if (!record || !record->base.canonical()) return broken();
      return apply_add(*record, {ready.sender, ready.last});
    }
    case message_kind::retire:
    case message_kind::unretire: {
      const auto record = wire::decode<retire_record>(message.payload);
      if (!record || record->last > sequence_max) return broken();
      return message.kind == message_kind::retire ? apply_retire(*record) : apply_unretire(*record);
    }
  }
}

void causal_group::state::apply_add(const add_record& record, const clock_entry& id) {
  const auto added = make_member_tag(group, record.who);
  if (tombs.find(added)) return;
  const bool known_already = find(added) != nullptr;
  auto& member = add_member(record.who, record.base);
  if (member.added_by.number == 0) member.added_by = id;
  if (member.root == member_tag{}) {
    const bool alone = id.tag == added;
    const auto* sponsor_member = alone ? nullptr : find(id.tag);
    member.root = sponsor_member ? sponsor_member->root : added;
    if (alone && record.root != member_tag{}) member.root = record.root;
    // Who is let in by strangers, or founds a group of its own, has not heard of us yet.
    const bool stranger = alone && !roots.contains(member.root);
    if (added != tag && (stranger || (sponsor_member && sponsor_member->foreign())))
      member.owed_from = group_member::owes_nothing;
    else
      roots.insert(member.root);
  }
  if (added == tag || known_already) return;
  if (id.tag == added) member.activated = true;  // It founded; nobody had to let it in.
  send_row({record.who.node});
}

void causal_group::state::apply_leave(member_tag sender) {
  auto* member = find(sender);
  if (member == nullptr) return;
  member->left = true;
  members_changed = rows_changed = keeping.members_changed = true;
  send_row({member->who.node});  // It waits for everybody to have its LEAVE.
}

}  // namespace causerie::protocol
