// SPDX-License-Identifier: BSL-1.0
#include "protocol/channel/channel_set.hpp"

#include <utility>

#include "protocol/channel/channel_frames.hpp"
#include "protocol/channel/channel_table.hpp"
#include "protocol/channel/recent_requests.hpp"

namespace causerie::protocol {

/// Sorts what comes in to whom it concerns; the rules are the sender's and the receiver's.
struct channel_set::state {
  channel_table table;
  recent_requests requests{};

  [[nodiscard]] channel_counters& counters() { return table.commons.counters; }
  std::error_code on(channel_peer& peer, channel_ack&& frame);
  std::error_code on(channel_peer& peer, channel_control&& frame);
  std::error_code on(channel_peer& peer, channel_batch&& frame);
  std::error_code on(channel_peer& peer, channel_fragment&& frame);
  void answer(channel_peer& peer, const channel_receiver::refusal& refusal);
  [[nodiscard]] result<channel_receiver*> receiver(
      channel_peer& peer, std::uint64_t cid,
      const std::optional<channel_introduction>& introduction);
};

channel_set::channel_set(incarnation self, channel_config config, std::uint64_t seed)
    : state_{new state{channel_table{self, config, seed}}} {}
channel_set::~channel_set() = default;
channel_set::channel_set(channel_set&&) noexcept = default;
channel_set& channel_set::operator=(channel_set&&) noexcept = default;

result<std::uint64_t> channel_set::send(const channel_key& to, shared_bytes payload,
                                        std::uint64_t request, std::optional<instant> deadline,
                                        instant now) {
  auto& table = state_->table;
  table.commons.advance(now);
  if (!valid_channel_name(to.name)) return failure(protocol_errc::malformed);
  if (payload.size() > table.commons.config.message_bytes_max)
    return failure(protocol_errc::too_large);
  if (to.peer == table.commons.self.node) return failure(protocol_errc::unknown_peer);
  auto* peer = table.peer(to.peer);
  if (peer == nullptr) return failure(protocol_errc::refused);
  auto* sender = table.sender(*peer, to.name);
  if (sender == nullptr) return failure(protocol_errc::refused);
  if (request != 0)
    if (const auto known = state_->requests.find({sender->slot, request})) return *known;
  if (peer->failed && !sender->durable()) return failure(protocol_errc::unknown_peer);
  const bool first = sender->idle();
  auto number = sender->send(std::move(payload), deadline);
  if (!number) return number;
  if (request != 0) state_->requests.add({sender->slot, request}, *number);
  if (first && peer->life == boot_epoch{} && !peer->down) table.emit(*peer, sender->resume());
  table.touch(*peer, *sender);
  return number;
}

std::error_code channel_set::make_durable(const channel_key& to, instant now) {
  auto& table = state_->table;
  table.commons.advance(now);
  if (!valid_channel_name(to.name)) return protocol_errc::malformed;
  if (to.peer == table.commons.self.node) return protocol_errc::unknown_peer;
  if (table.commons.kept_since == boot_epoch{}) return protocol_errc::refused;
  auto* peer = table.peer(to.peer);
  auto* sender = peer == nullptr ? nullptr : table.sender(*peer, to.name);
  if (sender == nullptr) return protocol_errc::refused;
  if (sender->durable()) return {};
  if (!sender->idle()) return protocol_errc::would_block;
  table.change(*peer, *sender, [&] { sender->make_durable(); });
  return {};
}

void channel_set::give_up(const channel_key& to, instant now) {
  auto& table = state_->table;
  table.commons.advance(now);
  auto* peer = table.find_peer(to.peer);
  if (peer == nullptr) return;
  const auto at = peer->senders.find(to.name);
  if (at == peer->senders.end() || !at->second->durable()) return;
  table.end(*peer, *at->second, [&] { return at->second->give_up(); });
}

std::vector<channel_note> channel_set::take_notes() {
  return std::exchange(state_->table.commons.notes, {});
}

void channel_set::restore(channels_image image, instant now) {
  state_->table.commons.advance(now);
  state_->table.restore(std::move(image));
}

std::vector<channel_set::received> channel_set::read(const channel_key& from, std::uint64_t after,
                                                     std::size_t messages_max) const {
  const auto* receiver = state_->table.find_receiver(from);
  if (receiver == nullptr) return {};
  return receiver->inbox().read(from.peer, after, messages_max);
}

void channel_set::commit(const channel_key& from, std::uint64_t up_to, instant now) {
  auto& table = state_->table;
  table.commons.advance(now);
  auto* receiver = table.find_receiver(from);
  if (receiver == nullptr) return;
  channel_receiver::refusal refusal;
  receiver->commit(up_to, refusal);
  state_->answer(*table.find_peer(from.peer), refusal);
  table.touch(*receiver);
  table.feed_starved();
}

std::uint64_t channel_set::committed(const channel_key& from) const {
  const auto* receiver = state_->table.find_receiver(from);
  return receiver == nullptr ? 0 : receiver->inbox().committed();
}

std::vector<channel_key> channel_set::readable() const { return state_->table.readable(); }

std::error_code channel_set::on_frame(const incarnation& from, const shared_bytes& body,
                                      instant now) {
  auto& table = state_->table;
  table.commons.advance(now);
  auto frame = decode_channel_frame(body);
  if (!frame || from.node == table.commons.self.node) {
    ++state_->counters().dropped_malformed;
    return protocol_errc::malformed;
  }
  auto* peer = table.peer(from.node);
  if (peer == nullptr) return protocol_errc::refused;
  if (!table.learn_life(*peer, from.epoch)) {
    ++state_->counters().dropped_stale;
    return protocol_errc::stale_epoch;
  }
  return std::visit([&](auto& each) { return state_->on(*peer, std::move(each)); }, *frame);
}

std::error_code channel_set::state::on(channel_peer& peer, channel_ack&& frame) {
  auto* sender = table.sender_by_cid(peer, frame.cid);
  if (sender == nullptr) {
    ++counters().dropped_stale;
    return protocol_errc::stale_epoch;
  }
  std::error_code error;
  table.change(peer, *sender, [&] { error = sender->on_ack(std::move(frame)); });
  if (error == protocol_errc::malformed) ++counters().dropped_malformed;
  if (error == protocol_errc::duplicate) ++counters().dropped_duplicate;
  return error;
}

std::error_code channel_set::state::on(channel_peer& peer, channel_control&& frame) {
  switch (frame.kind) {
    case channel_control_kind::resume: {
      const auto to = receiver(peer, frame.cid, frame.introduction);
      if (!to) return to.error();
      channel_receiver::refusal refusal;
      (*to)->on_question(frame.number, refusal);
      answer(peer, refusal);
      table.touch(**to);
      return {};
    }
    case channel_control_kind::reset: {
      const auto at = peer.receivers_by_cid.find(frame.cid);
      if (at == peer.receivers_by_cid.end()) return protocol_errc::stale_epoch;
      table.close(peer, *at->second);
      return {};
    }
    case channel_control_kind::reject: {
      auto* sender = table.sender_by_cid(peer, frame.cid);
      if (sender == nullptr) return protocol_errc::stale_epoch;
      table.change(peer, *sender, [&] { sender->on_reject(frame); });
      return {};
    }
  }
  return protocol_errc::malformed;
}

std::error_code channel_set::state::on(channel_peer& peer, channel_batch&& frame) {
  const auto to = receiver(peer, frame.cid, frame.introduction);
  if (!to) return to.error();
  channel_receiver::refusal refusal;
  const auto error = (*to)->on_batch(std::move(frame), refusal);
  answer(peer, refusal);
  table.touch(**to);
  return error;
}

std::error_code channel_set::state::on(channel_peer& peer, channel_fragment&& frame) {
  const auto to = receiver(peer, frame.cid, frame.introduction);
  if (!to) return to.error();
  channel_receiver::refusal refusal;
  const auto error = (*to)->on_fragment(std::move(frame), refusal);
  answer(peer, refusal);
  table.touch(**to);
  return error;
}

result<channel_receiver*> channel_set::state::receiver(
    channel_peer& peer, std::uint64_t cid,
    const std::optional<channel_introduction>& introduction) {
  if (const auto at = peer.receivers_by_cid.find(cid); at != peer.receivers_by_cid.end())
    return at->second;
  if (introduction) {
    auto made = table.introduce(peer, cid, *introduction);
    if (made || made.error() == protocol_errc::would_block) return made;
    // Meant for another life of ours: its sender will hear of this one from the link.
    if (introduction->receiver != boot_epoch{} &&
        introduction->receiver != table.commons.self.epoch) {
      ++counters().dropped_stale;
      return made;
    }
  }
  ++counters().dropped_stale;
  channel_control refusal;
  refusal.kind = channel_control_kind::reject;
  refusal.cid = cid;
  refusal.reason = channel_reject_reason::unknown_channel;
  answer(peer, refusal);
  return failure(protocol_errc::stale_epoch);
}

void channel_set::state::answer(channel_peer& peer, const channel_receiver::refusal& refusal) {
  if (!refusal) return;
  outgoing_frame frame;
  frame.kind = frame_kind::channel;
  frame.care = frame_care::reliable;
  frame.lane = frame_lane::control;
  frame.body = encode_channel_frame(*refusal);
  table.emit(peer, std::move(frame));
}

void channel_set::on_peer_up(const incarnation& peer, instant now) {
  auto& table = state_->table;
  table.commons.advance(now);
  auto* known = table.peer(peer.node);
  if (known == nullptr || !table.learn_life(*known, peer.epoch)) return;
  table.revive(*known);
  table.link_opened(*known);
}

void channel_set::on_node_up(const incarnation& who, instant now) {
  auto& table = state_->table;
  table.commons.advance(now);
  auto* known = table.peer(who.node);
  if (known == nullptr || !table.learn_life(*known, who.epoch)) return;
  table.revive(*known);
}

void channel_set::on_node_down(const incarnation& who, instant now) {
  auto& table = state_->table;
  table.commons.advance(now);
  auto* known = table.peer(who.node);
  if (known != nullptr && who.epoch >= known->life) table.lose(*known);
}

void channel_set::on_frame_acked(const node_id& peer, std::uint64_t token, instant now) {
  auto& table = state_->table;
  table.commons.advance(now);
  auto* sender = table.sender_by_slot(static_cast<std::uint32_t>(token >> 40));
  if (sender == nullptr || sender->key().peer != peer) return;
  sender->on_link_acked(token & ((std::uint64_t{1} << 40) - 1));
  table.touch(*table.find_peer(peer), *sender);
}

void channel_set::on_round_trip(const node_id& peer, duration rtt) {
  if (auto* known = state_->table.find_peer(peer))
    known->share.round_trip = std::clamp<duration>(rtt, duration{0}, std::chrono::seconds{10});
}

void channel_set::on_restarted(instant now) {
  state_->table.commons.advance(now);
  state_->table.restart();
}

void channel_set::on_lane_blocked(const node_id& peer, outgoing_frame frame) {
  auto& table = state_->table;
  auto* known = table.find_peer(peer);
  if (known == nullptr) return;
  ++state_->counters().lanes_blocked;
  if (frame.token != 0) {
    auto* sender = table.sender_by_slot(static_cast<std::uint32_t>(frame.token >> 40));
    if (sender == nullptr || sender->key().peer != peer) return;
    sender->on_refused(frame.token & ((std::uint64_t{1} << 40) - 1));
    known->share.refused();
    table.touch(*known, *sender);
    return;
  }
  known->control_blocked = true;
  if (frame.care != frame_care::fresh) {
    table.keep(*known, std::move(frame));
    return;
  }
  // An ack is made anew when the time comes: only the newest counts.
  const auto at = known->receivers_by_cid.find(frame.slot);
  if (at == known->receivers_by_cid.end()) return;
  at->second->want_ack();
  table.touch(*at->second);
}

void channel_set::on_lane_writable(const node_id& peer, instant now) {
  state_->table.commons.advance(now);
  if (auto* known = state_->table.find_peer(peer)) state_->table.unblock(*known);
}

void channel_set::on_deadline(instant now) {
  state_->table.commons.advance(now);
  state_->table.on_deadline();
}

std::optional<instant> channel_set::next_deadline() const { return state_->table.next_deadline(); }

std::optional<channel_set::output> channel_set::poll() { return state_->table.poll(); }

const channel_counters& channel_set::counters() const noexcept {
  auto& counters = state_->table.commons.counters;
  counters.buffered_bytes = state_->table.buffered_bytes();
  return counters;
}

void channel_set::audit() const { state_->table.audit(); }

}  // namespace causerie::protocol
