// SPDX-License-Identifier: BSL-1.0
#include <algorithm>

#include <fmt/format.h>

#include "protocol/membership/member_table_state.hpp"

namespace causerie::protocol {

using namespace swim;

namespace {

bool was_refused(const member_view& view) {
  return std::any_of(view.accusations.begin(), view.accusations.end(),
                     [](const auto& said) { return said.refused; });
}

/// See knock_round.
bool is_knock(const swim_datagram& packet) {
  return std::holds_alternative<gossip_body>(packet.body) && packet.members.empty() &&
         packet.presences.empty();
}

}  // namespace

// Before a packet counts. The keyring's seal is opened before this, the records' signatures are
// checked in `merge_all`.
std::error_code member_table::state::admit(const swim_datagram& packet, socket_address from,
                                           instant now) {
  if (packet.head.cluster != cluster) {
    ++counters.dropped_cluster;
    return protocol_errc::refused;
  }
  const auto& sender = packet.head.sender;
  if (sender.node == self().view.who.node && sender != self().view.who)
    meet_other_holder(sender, from, now);
  const auto* join = std::get_if<join_request>(&packet.body);
  if (join != nullptr && !leaving())
    if (auto reason = refusal_for(sender)) {
      refuse(from, join->nonce, std::move(*reason));
      return protocol_errc::refused;
    }
  const auto* known = members.find(sender.node);
  if (known == nullptr) return {};
  if (sender.epoch >= known->view.who.epoch && (known != &self() || sender == known->view.who))
    return {};
  ++counters.dropped_stale_epoch;
  tell_of_later_life(*known, from, now);
  return protocol_errc::stale_epoch;
}

void member_table::state::tell_of_later_life(const member& who, socket_address from, instant now) {
  if (now < later_life_due) return;
  later_life_due = now + config.period;
  auto packet = new_packet(gossip_body{});
  packet.members.push_back(full_record(who.view, self().view.who.node));
  emit_packet(from, packet);
}

std::optional<std::string> member_table::state::refusal_for(const incarnation& newcomer) const {
  const auto* known = members.find(newcomer.node);
  if (known != nullptr && known->view.who.epoch > newcomer.epoch)
    return fmt::format("this node's id has been seen with the later boot epoch {}",
                       number(known->view.who.epoch));
  if (known != nullptr && known->view.who == newcomer && known->view.state == member_state::left)
    return "this life of the node has left the cluster: start again with a newer epoch";
  const auto is_new = known == nullptr || !is_live(known->view.state);
  if (is_new && members.live_count() >= config.members_max)
    return fmt::format("the cluster is full: it may have {} members", config.members_max);
  return std::nullopt;
}

void member_table::state::refuse(socket_address to, std::uint64_t nonce, std::string reason) {
  ++counters.dropped_table_full;
  emit_packet(to, new_packet(join_refusal{nonce, std::move(reason)}));
}

void member_table::state::merge_all(const swim_datagram& packet, provenance& source, instant now) {
  for (const auto& record : packet.members) merge(record, source, now);
  for (const auto& record : packet.presences)
    if (record.who.node != self().view.who.node) merge_presence(record);
  // A knock shows that its sender sends and not that it hears: it saves nobody.
  if (is_knock(packet)) return;
  if (auto* known = members.find(source.sender.node);
      known != nullptr && known->view.who == source.sender) {
    known->view.last_heard = now;
    if (is_live(known->view.state)) unmet.met(source.from);
  }
}

void member_table::state::answer(const swim_datagram& packet, const provenance& source,
                                 instant now) {
  if (leaving()) return;
  const auto mistaken = std::min(source.mistaken.size(), told_per_packet_max);
  for (std::size_t i = 0; i < mistaken; ++i)
    if (const auto* who = members.find(source.mistaken[i])) tell_of_standing(*who);
  const auto* probe = std::get_if<probe_body>(&packet.body);
  const auto ack_follows =
      probe != nullptr && probe->kind == probe_kind::ping && probe->target == self().view.who;
  if (source.accused_us && !ack_follows) defend(source);
  if (const auto* request = std::get_if<exchange_request>(&packet.body))
    on_request(*request, source, now);
  else if (const auto* join = std::get_if<join_request>(&packet.body))
    send_parts(source.from, join->nonce, join->wanted, parts_per_join, now);
  else if (const auto* part = std::get_if<exchange_part>(&packet.body))
    on_part(*part, source, now);
  else if (const auto* refusal = std::get_if<join_refusal>(&packet.body))
    on_refusal(*refusal);
}

void member_table::state::on_request(const exchange_request& body, const provenance& source,
                                     instant now) {
  if (body.digest == state_digest(members, presences)) {
    // Nothing here that is not there.
    emit_packet(source.from, new_packet(exchange_part{body.nonce, key_range::all(), true}));
    return;
  }
  send_parts(source.from, body.nonce, body.wanted, parts_per_second, now);
  if (body.mutual) request_exchange(source.from, random.next(), /*mutual=*/false);
}

void member_table::state::on_part(const exchange_part& body, const provenance& source,
                                  instant now) {
  if (round.on_part(body.nonce, body.covers)) exchange_due = now + until_next_round();
  if (!entry.active() || body.nonce != entry.nonce()) return;
  if (entry.on_part(source.from, body.covers, body.last, now)) become_ready();
}

void member_table::state::on_refusal(const join_refusal& body) {
  if (!entry.active() || body.nonce != entry.nonce()) return;
  entry.stop();
  unmet.stop();
  outbox.push_back(refused{body.reason});
}

std::optional<probe_message> member_table::state::probe_part(const swim_datagram& packet,
                                                             provenance& source, instant now) {
  const auto* body = std::get_if<probe_body>(&packet.body);
  if (body == nullptr) return std::nullopt;
  const auto& own = self().view;
  if (body->kind == probe_kind::ping && body->target.node == own.who.node && !leaving()) {
    if (body->target != own.who) {
      source.accused_us = true;  // They mean an earlier life: tell them of this one.
      fresh.put({own.who.node, {}}, gossip_rank::own);
    } else if (body->suspected && !source.accused_us && now - refuted_at >= config.period) {
      refuted_at = now;
      refute(own.refutations);
    }
  }
  return probe_message{body->kind,   source.sender,        source.from,    body->nonce,
                       body->target, body->target_address, body->suspected};
}

void member_table::state::consider_stranger(const provenance& source, instant now) {
  if (leaving() || now < stranger_due) return;
  const auto* known = members.find(source.sender.node);
  const auto unknown = known == nullptr || known->view.who != source.sender;
  const auto dead = !unknown && known->view.state == member_state::dead;
  if ((!unknown && !dead) || members.full()) return;
  stranger_due = now + config.period;
  if (dead) tell_of_standing(*known);
  request_exchange(source.from, random.next(), /*mutual=*/true);
}

void member_table::state::send_parts(socket_address to, std::uint64_t nonce,
                                     std::span<const key_range> wanted, std::size_t parts_max,
                                     instant now) {
  const auto room = std::min(parts_max, part_budget.available(now));
  if (room == 0) {
    ++counters.dropped_over_budget;
    return;
  }
  const exchange_answer answer{members, presences, head(), nonce, now};
  const auto parts = answer.parts(wanted, room);
  part_budget.spend(parts.size());
  ++counters.push_pulls;
  for (const auto& part : parts) emit_packet(to, part);
}

void member_table::state::request_exchange(socket_address to, std::uint64_t nonce, bool mutual,
                                           std::vector<key_range> wanted) {
  auto packet = new_packet(
      exchange_request{nonce, state_digest(members, presences), mutual, std::move(wanted)});
  packet.members.push_back(record_of(self()));
  emit_packet(to, packet);
}

void member_table::state::send_gossip(socket_address to, const node_id& recipient) {
  auto packet = new_packet(gossip_body{});
  const auto room = add_accused(packet, members.find(recipient));
  const auto sends_max = gossip_queue::sends_for(members.live_count());
  for (const auto& key : fresh.take(room, sends_max))
    if (key != record_key{recipient, {}}) add_record(packet, key);
  if (!packet.members.empty() || !packet.presences.empty()) emit_packet(to, packet);
}

void member_table::state::defend(const provenance& source) {
  auto packet = new_packet(gossip_body{});
  add_gossip_along(packet, &source.sender.node);
  emit_packet(source.from, packet);
}

void member_table::state::tell_of_standing(const member& who) {
  auto packet = new_packet(gossip_body{});
  packet.members.push_back(record_of(who));
  emit_packet(who.view.address, packet);
}

void member_table::state::knock(const node_id& probed, instant now) {
  if (now < knock_due || config.plain_swim || leaving()) return;
  knock_due = now + config.period * 9 / 10;  // With the next probe, though timers are not exact.
  for (const auto& node : to_knock.next(members.live_peers(), config.knocks, random)) {
    const auto* known = members.find(node);
    if (node != probed && known != nullptr && is_live(known->view.state))
      emit_packet(known->view.address, new_packet(gossip_body{}));
  }
}

void member_table::state::emit_packet(socket_address to, const swim_datagram& packet) {
  ++counters.packets_out;
  outbox.push_back(send_packet{to, encode_datagram(packet)});
}

swim_datagram member_table::state::new_packet(datagram_body body) const {
  return {head(), std::move(body), {}, {}, {}};
}

header member_table::state::head() const {
  return {version_major, version_minor, cluster, members.self().view.who};
}

std::size_t member_table::state::piggyback_max() const {
  return std::min(config.piggyback_records_max, swim::piggyback_records_max);
}

std::size_t member_table::state::add_accused(swim_datagram& packet, const member* recipient) {
  const auto room = piggyback_max();
  if (recipient == nullptr || recipient->view.state == member_state::alive || room == 0)
    return room;
  if (config.plain_swim) return room;
  packet.members.push_back(record_of(*recipient));
  return room - 1;
}

void member_table::state::add_gossip_along(swim_datagram& packet, const node_id* recipient) {
  const auto* known = recipient == nullptr ? nullptr : members.find(*recipient);
  const auto room = add_accused(packet, known);
  const auto accused = known != nullptr && known->view.state != member_state::alive;
  for (const auto& key : fresh.take_along(room))
    if (!accused || key != record_key{*recipient, {}}) add_record(packet, key);
}

void member_table::state::add_record(swim_datagram& packet, const record_key& key) {
  if (key.group == group_id{}) {
    if (const auto* who = members.find(key.node)) packet.members.push_back(record_of(*who));
  } else if (auto said = presences.find(key.node, key.group)) {
    packet.presences.push_back(*said);
  }
}

member_record member_table::state::record_of(const member& who) {
  const auto& view = who.view;
  auto record = full_record(view, self().view.who.node);
  if (view.state != member_state::alive) record.profile.reset();
  if (suspects.contains(view.who.node)) {
    const auto said = suspects.next_accusation(view.who.node);
    record.accuser = said.accuser;
    record.refused = said.refused;
  } else if (view.state == member_state::dead) {
    record.refused = was_refused(view);
  }
  return record;
}

}  // namespace causerie::protocol
