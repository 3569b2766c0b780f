// SPDX-License-Identifier: BSL-1.0
#include "protocol/channel/channel_table.hpp"

#include <algorithm>
#include <utility>

#include "protocol/assert.hpp"

namespace causerie::protocol {
namespace {

constexpr std::size_t peers_max = 8192;
constexpr std::size_t receivers_max = 65'536;              // Over all peers.
constexpr std::size_t senders_max = std::size_t{1} << 24;  // What a token can name.
constexpr std::size_t kept_frames_max = 1024;  // A control frame more is asked for again anyway.

outgoing_frame control_frame(shared_bytes body) {
  outgoing_frame frame;
  frame.kind = frame_kind::channel;
  frame.care = frame_care::reliable;
  frame.lane = frame_lane::control;
  frame.body = std::move(body);
  return frame;
}

outgoing_frame ack_frame(const channel_ack& ack) {
  auto frame = control_frame(encode_channel_frame(ack));
  frame.care = frame_care::fresh;
  frame.slot = ack.cid;
  return frame;
}

}  // namespace

channel_table::channel_table(incarnation self, channel_config config, std::uint64_t seed)
    : commons{self, config, random_source{seed}} {}

channel_peer* channel_table::find_peer(const node_id& id) const {
  const auto at = peers_.find(id);
  return at == peers_.end() ? nullptr : at->second.get();
}

channel_peer* channel_table::peer(const node_id& id) {
  if (auto* known = find_peer(id)) return known;
  if (peers_.size() >= peers_max) return nullptr;
  const auto number = static_cast<std::uint32_t>(peers_.size());
  auto made = std::make_unique<channel_peer>(id, number, commons.config, node_);
  return peers_.emplace(id, std::move(made)).first->second.get();
}

channel_sender* channel_table::sender(channel_peer& peer, const std::string& name) {
  if (const auto at = peer.senders.find(name); at != peer.senders.end()) return at->second.get();
  if (peer.senders.size() >= commons.config.channels_per_peer_max ||
      senders_by_slot_.size() + 1 >= senders_max)
    return nullptr;
  senders_by_slot_.push_back(nullptr);
  const auto slot = static_cast<std::uint32_t>(senders_by_slot_.size());
  auto made =
      std::make_unique<channel_sender>(channel_key{peer.id, name}, slot, commons, peer.share);
  made->on_peer_life(peer.life);
  if (peer.down) made->pause();
  senders_by_slot_.back() = made.get();
  peer.senders_by_cid.emplace(made->cid(), made.get());
  ++commons.counters.channels;
  return peer.senders.emplace(name, std::move(made)).first->second.get();
}

channel_sender* channel_table::sender_by_slot(std::uint32_t slot) const {
  if (slot == 0 || slot > senders_by_slot_.size()) return nullptr;
  return senders_by_slot_[slot - 1];
}

channel_sender* channel_table::sender_by_cid(channel_peer& peer, std::uint64_t cid) const {
  const auto at = peer.senders_by_cid.find(cid);
  return at == peer.senders_by_cid.end() ? nullptr : at->second;
}

void channel_table::rekey(channel_peer& peer, channel_sender& sender, std::uint64_t old_cid) {
  peer.senders_by_cid.erase(old_cid);
  peer.senders_by_cid.emplace(sender.cid(), &sender);
}

channel_receiver* channel_table::find_receiver(const channel_key& key) const {
  const auto* peer = find_peer(key.peer);
  if (peer == nullptr) return nullptr;
  const auto at = peer->receivers.find(key.name);
  return at == peer->receivers.end() ? nullptr : at->second.get();
}

channel_receiver* channel_table::add_receiver(channel_peer& peer, const std::string& name) {
  if (const auto at = peer.receivers.find(name); at != peer.receivers.end())
    return at->second.get();
  if (peer.receivers.size() >= commons.config.channels_per_peer_max ||
      receiver_count_ >= receivers_max)
    return nullptr;
  auto made = std::make_unique<channel_receiver>(channel_key{peer.id, name}, ++receiver_slot_,
                                                 commons, peer.budget, peer.share);
  ++receiver_count_;
  ++commons.counters.channels;
  return peer.receivers.emplace(name, std::move(made)).first->second.get();
}

result<channel_receiver*> channel_table::introduce(channel_peer& peer, std::uint64_t cid,
                                                   const channel_introduction& introduction) {
  const auto meant_for = introduction.receiver;
  if (meant_for != boot_epoch{} && meant_for != commons.self.epoch)
    return failure(protocol_errc::stale_epoch);
  auto* known = add_receiver(peer, introduction.name);
  if (known == nullptr) {
    ++commons.counters.rejected_busy;
    return failure(protocol_errc::would_block);
  }
  auto& receiver = *known;
  if (!receiver.newer(peer.life, introduction.generation) || !knows_all(introduction))
    return failure(protocol_errc::stale_epoch);
  close(peer, receiver);
  receiver.begin(cid, peer.life, introduction);
  peer.receivers_by_cid.emplace(cid, &receiver);
  return &receiver;
}

void channel_table::close(channel_peer& peer, channel_receiver& receiver) {
  if (!receiver.open()) return;
  peer.receivers_by_cid.erase(receiver.cid());
  starved_.erase(receiver.slot);
  receiver.close();
}

bool channel_table::learn_life(channel_peer& peer, boot_epoch life) {
  if (life == peer.life) return true;
  if (life < peer.life) return false;
  peer.life = life;
  peer.kept.clear();
  for (auto& [name, receiver] : peer.receivers)
    receiver->durable() ? receiver->start_over(life) : close(peer, *receiver);
  for (auto& [name, sender] : peer.senders)
    change(peer, *sender, [&, &each = *sender] { each.on_peer_life(life); });
  revive(peer);
  return true;
}

void channel_table::revive(channel_peer& peer) {
  if (!peer.down) return;
  peer.down = false;
  peer.failed = false;
  peer.fails_at.reset();
  unblock(peer);
  question_all(peer);
  for (auto& [name, receiver] : peer.receivers) {
    receiver->want_ack();
    touch(*receiver);
  }
}

void channel_table::question_all(channel_peer& peer) {
  for (auto& [name, sender] : peer.senders) {
    emit(peer, sender->resume());
    touch(peer, *sender);
  }
}

void channel_table::lose(channel_peer& peer) {
  if (peer.down) return;
  peer.down = true;
  peer.fails_at = commons.now + commons.config.dead_peer_patience;
  peer_wakes_.wish(peer, peer.fails_at);
  for (auto& [name, sender] : peer.senders) sender->pause();
}

void channel_table::end(channel_peer& peer, channel_sender& sender,
                        const std::function<bool()>& how) {
  channel_control reset;
  reset.kind = channel_control_kind::reset;
  reset.cid = sender.cid();
  bool left = false;
  change(peer, sender, [&] { left = how(); });
  if (!left) return;
  ++commons.counters.resets;
  auto frame = control_frame(encode_channel_frame(reset));
  peer.down ? keep(peer, std::move(frame)) : emit(peer, std::move(frame));
}

void channel_table::fail(channel_peer& peer) {
  peer.failed = true;
  peer.kept.clear();
  for (auto& [name, sender] : peer.senders) {
    if (sender->durable()) continue;
    end(peer, *sender, [&, &each = *sender] { return each.fail(protocol_errc::unreachable); });
  }
  // The half of a message has no claim on memory for ever. Its incarnation cannot go on without
  // it, so that ends too; complete ones can.
  for (auto& [name, receiver] : peer.receivers)
    if (receiver->incomplete())
      receiver->durable() ? receiver->start_over(peer.life) : close(peer, *receiver);
}

void channel_table::link_opened(channel_peer& peer) {
  unblock(peer);
  question_all(peer);
}

void channel_table::unblock(channel_peer& peer) {
  peer.share.unblocked();
  peer.control_blocked = false;
  for (auto& frame : std::exchange(peer.kept, {}))
    commons.outbox.push_back(channel_set::send_frame{peer.id, std::move(frame)});
  for (auto* receiver : std::exchange(peer.acks_kept, {})) acks_due_.push_back(receiver);
  touch(peer);
}

void channel_table::restart() {
  for (auto& [id, each] : peers_) {
    if (each->down) continue;
    link_opened(*each);
    for (auto& [name, receiver] : each->receivers) {
      receiver->rewind_next();
      receiver->want_ack();
      touch(*receiver);
    }
  }
  for (auto& [id, each] : peers_)
    for (auto& [name, receiver] : each->receivers) {
      if (receiver->inbox().empty() || std::exchange(receiver->announced, true)) continue;
      commons.outbox.push_back(channel_set::messages_ready{receiver->key()});
    }
}

void channel_table::touch(channel_peer& peer, channel_sender& sender) {
  if (!std::exchange(sender.in_turn, true)) peer.turn.push_back(&sender);
  sender_wakes_.wish(sender, sender.deadline());
  touch(peer);
}

void channel_table::touch(channel_peer& peer) {
  if (!peer.turn.empty() && !std::exchange(peer.in_turn, true)) turn_.push_back(&peer);
}

void channel_table::touch(channel_receiver& receiver) {
  if (receiver.ack_now() && !std::exchange(receiver.in_turn, true)) acks_due_.push_back(&receiver);
  receiver_wakes_.wish(receiver, receiver.deadline());
}

void channel_table::feed_starved() {
  const auto enough = commons.config.window_bytes / 4;
  for (auto at = starved_.begin(); at != starved_.end();) {
    auto& receiver = *at->second;
    if (find_peer(receiver.key().peer)->budget.promise() < enough) {
      ++at;
      continue;
    }
    receiver.want_ack();
    touch(receiver);
    at = starved_.erase(at);
  }
}

void channel_table::keep(channel_peer& peer, outgoing_frame control) {
  peer.kept.push_back(std::move(control));
  if (peer.kept.size() > kept_frames_max) peer.kept.pop_front();
}

void channel_table::emit(channel_peer& peer, std::optional<outgoing_frame> control) {
  if (!control) return;
  if (peer.control_blocked)
    keep(peer, std::move(*control));
  else
    commons.outbox.push_back(channel_set::send_frame{peer.id, std::move(*control)});
}

void channel_table::wake(channel_sender& sender) {
  auto& peer = *find_peer(sender.key().peer);
  if (auto question = sender.on_deadline()) {
    // A lane that never became writable again belongs to a courier that died.
    unblock(peer);
    emit(peer, std::move(question));
  }
  touch(peer, sender);
}

void channel_table::on_deadline() {
  const auto now = commons.now;
  while (auto* due = peer_wakes_.due(now)) {
    if (!due->fails_at || due->failed) continue;
    if (*due->fails_at <= now)
      fail(*due);
    else
      peer_wakes_.wish(*due, due->fails_at);
  }
  while (auto* due = receiver_wakes_.due(now)) {
    due->on_deadline();
    touch(*due);
  }
  while (auto* due = sender_wakes_.due(now)) {
    wake(*due);
    CAUSERIE_ASSERT(!due->armed || *due->armed > now);
  }
}

std::optional<instant> channel_table::next_deadline() const {
  std::optional<instant> next;
  for (const auto& each : {sender_wakes_.next(), receiver_wakes_.next(), peer_wakes_.next()})
    if (each && (!next || *each < *next)) next = each;
  return next;
}

std::optional<channel_set::output> channel_table::poll() {
  if (auto event = next_event()) return event;
  if (auto ack = next_ack()) return ack;
  return next_data();
}

std::optional<channel_set::output> channel_table::next_event() {
  if (commons.outbox.empty()) return std::nullopt;
  auto event = std::move(commons.outbox.front());
  commons.outbox.pop_front();
  if (const auto* ready = std::get_if<channel_set::messages_ready>(&event))
    find_receiver(ready->from)->announced = false;
  return event;
}

std::optional<channel_set::output> channel_table::next_ack() {
  while (!acks_due_.empty()) {
    auto& receiver = *acks_due_.front();
    acks_due_.pop_front();
    auto& peer = *find_peer(receiver.key().peer);
    if (peer.control_blocked && !peer.down) {
      peer.acks_kept.push_back(&receiver);
      continue;
    }
    receiver.in_turn = false;
    if (!receiver.ack_now() || peer.down) continue;
    const auto ack = receiver.make_ack();
    if (receiver.starved()) starved_.emplace(receiver.slot, &receiver);
    return channel_set::send_frame{peer.id, ack_frame(ack)};
  }
  return std::nullopt;
}

std::optional<channel_set::output> channel_table::next_data() {
  while (!turn_.empty()) {
    auto& peer = *turn_.front();
    turn_.pop_front();
    if (peer.down || !peer.share.room() || peer.turn.empty()) {
      peer.in_turn = false;
      continue;
    }
    turn_.push_back(&peer);
    auto& sender = *peer.turn.front();
    peer.turn.pop_front();
    auto frame = sender.next_frame();
    if (!frame) {
      sender.in_turn = false;
      continue;
    }
    peer.turn.push_back(&sender);
    return channel_set::send_frame{peer.id, std::move(*frame)};
  }
  return std::nullopt;
}

std::vector<channel_key> channel_table::readable() const {
  std::vector<channel_key> keys;
  for (const auto& [id, peer] : peers_)
    for (const auto& [name, receiver] : peer->receivers)
      if (!receiver->inbox().empty()) keys.push_back(receiver->key());
  return keys;
}

void channel_table::audit() const {
  std::uint64_t node = 0;
  for (const auto& [id, peer] : peers_) {
    std::uint64_t link = 0;
    for (const auto& [name, receiver] : peer->receivers) {
      receiver->audit();
      link += receiver->held();
    }
    CAUSERIE_ASSERT(link == peer->budget.bytes());
    node += link;
    for (const auto& [name, sender] : peer->senders) {
      sender->audit();
      const auto at = peer->senders_by_cid.find(sender->cid());
      CAUSERIE_ASSERT(at != peer->senders_by_cid.end() && at->second == sender.get());
    }
    CAUSERIE_ASSERT(peer->senders_by_cid.size() == peer->senders.size());
  }
  CAUSERIE_ASSERT(node == node_.bytes);
}

}  // namespace causerie::protocol
