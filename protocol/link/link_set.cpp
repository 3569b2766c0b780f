// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/link_set.hpp"

#include "protocol/link/deadline_heap.hpp"
#include "protocol/link/link.hpp"

namespace causerie::protocol {

struct link_set::state {
  state(incarnation self, link_config config, std::uint64_t seed)
      : services{self, std::move(config), seed} {}

  link_services services;
  std::map<node_id, std::unique_ptr<link>> links;
  std::map<socket_address, node_id> addresses;  // As membership learnt them.
  // Links are named by their ordinal here: an order by pointer would differ from run to run.
  std::vector<link*> by_ordinal;
  std::vector<std::uint32_t> ordinals_free;
  deadline_heap deadlines;
  std::vector<std::uint32_t> dirty, settling;

  [[nodiscard]] link* find(const node_id& peer) const {
    const auto found = links.find(peer);
    return found == links.end() ? nullptr : found->second.get();
  }
  link& add(const node_id& peer);
  void remove(link& gone);
  [[nodiscard]] bool make_room();

  void touch(link& changed);
  void settle(link& changed, instant now);

  void on_datagram(const datagram& received, instant now);
  void on_hello(const datagram& received, instant now);
  void on_hello_ack(const datagram& received, instant now);
  void on_transport(const datagram& received, instant now);
  void count_handshake_error(std::error_code why);
};

link& link_set::state::add(const node_id& peer) {
  if (ordinals_free.empty()) {
    ordinals_free.push_back(static_cast<std::uint32_t>(by_ordinal.size()));
    by_ordinal.push_back(nullptr);
  }
  const auto ordinal = ordinals_free.back();
  ordinals_free.pop_back();
  auto made = std::make_unique<link>(services, peer, ordinal);
  by_ordinal[ordinal] = made.get();
  return *(links[peer] = std::move(made));
}

void link_set::state::remove(link& gone) {
  deadlines.set(gone.ordinal(), std::nullopt);
  by_ordinal[gone.ordinal()] = nullptr;
  ordinals_free.push_back(gone.ordinal());
  const auto at = addresses.find(gone.address());
  if (at != addresses.end() && at->second == gone.peer()) addresses.erase(at);
  links.erase(links.find(gone.peer()));
}

/// Room for one more link, if need be instead of one that is idle.
bool link_set::state::make_room() {
  if (links.size() < services.config.peers_max) return true;
  for (auto& [peer, candidate] : links)
    if (candidate->idle() && !candidate->dirty) {
      remove(*candidate);
      return true;
    }
  return false;
}

void link_set::state::touch(link& changed) {
  if (std::exchange(changed.dirty, true)) return;
  dirty.push_back(changed.ordinal());
}

void link_set::state::settle(link& changed, instant now) {
  changed.dirty = false;
  changed.flush(now);
  // A stranger that began a handshake and never finished it.
  if (changed.idle() && !changed.known)
    remove(changed);
  else
    deadlines.set(changed.ordinal(), changed.next_deadline());
}

void link_set::state::on_datagram(const datagram& received, instant now) {
  auto& counters = services.counters;
  ++counters.datagrams_in;
  counters.bytes_in += received.bytes.size();
  if (received.bytes.empty()) {
    ++counters.dropped_malformed;
    return;
  }
  if (received.bytes.size() > datagram_bytes_accepted_max) {
    ++counters.dropped_oversized;
    return;
  }
  switch (static_cast<datagram_type>(received.bytes.data()[0])) {
    case datagram_type::transport: return on_transport(received, now);
    case datagram_type::swim:
      services.outputs.push_back(
          swim_received{received.peer, received.bytes.slice(1, received.bytes.size() - 1)});
      return;
    case datagram_type::hello: return on_hello(received, now);
    case datagram_type::hello_ack: return on_hello_ack(received, now);
  }
  ++counters.dropped_malformed;
}

void link_set::state::count_handshake_error(std::error_code why) {
  auto& counters = services.counters;
  if (why == protocol_errc::foreign_version)
    ++counters.dropped_version;
  else if (why == protocol_errc::refused)
    ++counters.dropped_cluster;
  else
    ++counters.dropped_malformed;
}

void link_set::state::on_hello(const datagram& received, instant now) {
  auto& counters = services.counters;
  const auto message = decode_hello(services.cluster, received.bytes);
  if (!message) return count_handshake_error(message.error());
  const auto& self = services.self.node;
  if ((message->expected && *message->expected != self) || message->from.node == self) {
    ++counters.dropped_misdirected;
    return;
  }
  auto* peer = find(message->from.node);
  if (peer == nullptr) {
    if (services.half_open >= services.config.half_open_max ||
        links.size() >= services.config.peers_max) {
      ++counters.dropped_half_open_full;
      return;
    }
    peer = &add(message->from.node);
  }
  peer->on_hello(*message, received.peer, now);
  touch(*peer);
}

void link_set::state::on_hello_ack(const datagram& received, instant now) {
  const auto message = decode_hello_ack(services.cluster, received.bytes);
  if (!message) return count_handshake_error(message.error());
  auto* peer = services.sessions.find(message->to_index);
  if (peer == nullptr) {
    ++services.counters.dropped_unknown_session;
    return;
  }
  peer->on_hello_ack(*message, now);
  touch(*peer);
}

void link_set::state::on_transport(const datagram& received, instant now) {
  const auto header = read_header(received.bytes.view());
  if (!header) {
    ++services.counters.dropped_malformed;
    return;
  }
  if (auto* peer = services.sessions.find(header->index)) {
    peer->on_transport(*header, received, now);
    touch(*peer);
    return;
  }
  ++services.counters.dropped_unknown_session;
  const auto at = addresses.find(received.peer);
  if (at == addresses.end()) return;
  if (auto* peer = find(at->second)) {
    peer->on_stray(now);
    touch(*peer);
  }
}

link_set::link_set(incarnation self, link_config config, std::uint64_t seed)
    : state_{std::make_unique<state>(self, std::move(config), seed)} {}
link_set::~link_set() = default;
link_set::link_set(link_set&&) noexcept = default;
link_set& link_set::operator=(link_set&&) noexcept = default;

void link_set::on_datagrams(std::span<const datagram> batch, instant now) {
  for (const auto& received : batch) state_->on_datagram(received, now);
}

void link_set::on_address(node_id peer, socket_address address, instant now) {
  if (peer == state_->services.self.node || address.empty()) return;
  auto* known = state_->find(peer);
  if (known == nullptr) {
    if (!state_->make_room()) return;
    known = &state_->add(peer);
  }
  const auto before = state_->addresses.find(known->address());
  if (before != state_->addresses.end() && before->second == peer) state_->addresses.erase(before);
  state_->addresses[address] = peer;
  known->known = true;
  known->on_address(address, now);
  state_->touch(*known);
}

void link_set::on_peer_gone(node_id peer, instant) {
  auto* gone = state_->find(peer);
  if (gone == nullptr) return;
  gone->give_up();
  state_->touch(*gone);
}

std::error_code link_set::send(node_id to, outgoing_frame frame, instant now) {
  CAUSERIE_ASSERT(frame.kind != frame_kind{});
  if (frame.body.size() > frame_body_bytes_max) return protocol_errc::too_large;
  auto* peer = state_->find(to);
  if (peer == nullptr || peer->address().empty()) return protocol_errc::unknown_peer;
  const auto error = peer->send(std::move(frame), now);
  if (error) ++state_->services.counters.would_block;
  state_->touch(*peer);
  return error;
}

void link_set::send_swim(socket_address to, shared_bytes body) {
  const auto buffer = std::make_shared_for_overwrite<std::byte[]>(body.size() + 1);
  buffer[0] = static_cast<std::byte>(datagram_type::swim);
  std::copy(body.view().begin(), body.view().end(), buffer.get() + 1);
  state_->services.transmit(to, {buffer, {buffer.get(), body.size() + 1}});
}

void link_set::on_deadline(instant now) {
  auto& deadlines = state_->deadlines;
  while (!deadlines.empty() && deadlines.earliest() <= now) {
    auto& due = *state_->by_ordinal[deadlines.whose()];
    deadlines.set(due.ordinal(), std::nullopt);
    due.on_deadline(now);
    state_->settle(due, now);
  }
  flush(now);
}

std::optional<instant> link_set::next_deadline() const {
  if (state_->deadlines.empty()) return std::nullopt;
  return state_->deadlines.earliest();
}

void link_set::flush(instant now) {
  auto& settling = state_->settling;
  settling.clear();
  settling.swap(state_->dirty);
  for (const auto ordinal : settling)
    if (auto* changed = state_->by_ordinal[ordinal]; changed && changed->dirty)
      state_->settle(*changed, now);
}

std::optional<link_set::output> link_set::poll() {
  if (state_->services.outputs.empty()) return std::nullopt;
  return state_->services.outputs.pop_front();
}

std::optional<duration> link_set::round_trip(const node_id& peer) const {
  const auto* found = state_->find(peer);
  if (found == nullptr || !found->open() || !found->open()->rtt().sampled()) return std::nullopt;
  return found->open()->rtt().smoothed();
}

std::optional<boot_epoch> link_set::epoch_of(const node_id& peer) const {
  const auto* found = state_->find(peer);
  if (found == nullptr || !found->open()) return std::nullopt;
  return found->open()->peer().epoch;
}

const link_counters& link_set::counters() const noexcept { return state_->services.counters; }

void link_set::close(instant) {
  for (auto& [peer, open] : state_->links) open->close();
}

}  // namespace causerie::protocol
