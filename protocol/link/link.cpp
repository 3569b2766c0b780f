// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/link.hpp"

#include "protocol/link/null_session.hpp"

namespace causerie::protocol {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// How long a peer that said hello first may take before we do it ourselves.
constexpr duration courtesy = milliseconds{400};
// After a session broke off: a peer that breaks the rules shall not keep us busy.
constexpr duration calm_down = seconds{1};
// Answers a losing hello with ours at most this often.
constexpr duration hello_spacing = milliseconds{20};
constexpr unsigned strays_max = 3;
constexpr duration strays_window = seconds{5};

}  // namespace

link::link(link_services& services, const node_id& peer, std::uint32_t ordinal)
    : services_{services},
      peer_{peer},
      ordinal_{ordinal},
      queue_{services.config.lane_bytes_max, services.config.pending_bytes_max} {}

link::~link() {
  forget_initiation();
  forget_response();
  if (current_) services_.sessions.remove(current_->our_index());
  services_.sessions.remove(previous_index_);
}

std::error_code link::send(outgoing_frame frame, instant now) {
  if (const auto error = queue_.push(std::move(frame), current_ != nullptr)) return error;
  if (!current_) want_open(now);
  return {};
}

void link::on_address(const socket_address& address, instant now) {
  if (address_ == address) return;
  address_ = address;
  if (initiation_)
    send_hello(now);
  else if (!current_ && !queue_.empty())
    want_open(now);
}

void link::want_open(instant now) {
  if (initiation_ || address_.empty() || initiate_at_) return;
  if (response_)
    initiate_at_ = now + courtesy;
  else
    initiate(now);
}

void link::initiate(instant now) {
  initiate_at_.reset();
  forget_response();
  ++services_.counters.handshakes_begun;
  initiation_.emplace();
  initiation_->index = services_.sessions.add(*this);
  initiation_->began = now;
  send_hello(now);
}

void link::send_hello(instant now) {
  auto& begun = *initiation_;
  if (++begun.attempt > 1) ++services_.counters.hellos_repeated;
  begun.sent_at = now;
  begun.retry_at = now + initiation::pause(begun.step++, services_.chance);
  services_.transmit(address_, encode_hello(services_.cluster,
                                            {services_.self, peer_, begun.index, begun.attempt}));
}

void link::on_hello(const hello& message, const socket_address& from, instant now) {
  if (message.from.epoch < epoch_) {
    ++services_.counters.dropped_stale_epoch;
    return;
  }
  if (address_.empty()) address_ = from;
  const auto said_by = [&](const connection& made) {
    return made.peer() == message.from && made.their_index() == message.index;
  };
  if (current_ && said_by(*current_)) return;  // A late copy.
  if (response_ && said_by(*response_->made)) {
    response_->repeated = true;
    response_->from = from;
    send_hello_ack(message.attempt, now);
    return;
  }
  if (initiation_ && services_.self.node < peer_) {
    ++services_.counters.hellos_crossed;
    // Ours counts. The peer may not have heard it yet: say it again, where it can be reached.
    if (now - initiation_->sent_at < hello_spacing) return;
    if (!known) address_ = from;
    send_hello(now);
    return;
  }
  if (services_.half_open >= services_.config.half_open_max && !response_) {
    ++services_.counters.dropped_half_open_full;
    return;
  }
  forget_initiation();
  forget_response();
  const connection::ends ends{message.from, services_.sessions.add(*this), message.index};
  response_ = response{make_connection(ends, now), from, now, now + response::kept};
  ++services_.half_open;
  if (!queue_.empty() && !current_) initiate_at_ = now + courtesy;
  send_hello_ack(message.attempt, now);
}

void link::send_hello_ack(std::uint8_t attempt, instant now) {
  const auto& made = *response_->made;
  if (!response_->repeated) response_->sent_at = now;
  services_.transmit(
      response_->from,
      encode_hello_ack(services_.cluster, {services_.self, made.peer(), made.our_index(),
                                           made.their_index(), attempt}));
}

void link::on_hello_ack(const hello_ack& message, instant now) {
  if (!initiation_ || message.to_index != initiation_->index || message.from.node != peer_) {
    ++services_.counters.dropped_unknown_session;
    return;
  }
  if (message.from.epoch < epoch_ || message.to != services_.self) {
    ++services_.counters.dropped_stale_epoch;
    return;
  }
  auto made = make_connection({message.from, initiation_->index, message.index}, now);
  if (message.attempt == initiation_->attempt) made->on_round_trip(now - initiation_->sent_at);
  made->want_ping();  // The responder opens its side with our first packet.
  initiation_.reset();
  adopt(std::move(made), now);
}

std::unique_ptr<connection> link::make_connection(const connection::ends& ends, instant now) {
  return std::make_unique<connection>(
      ends, std::make_unique<null_session>(services_.self.epoch, ends.peer.epoch),
      services_.config.datagram_bytes_max, services_.chance.fork(), now);
}

void link::confirm(instant now) {
  auto& answered = *response_;
  if (!answered.repeated) answered.made->on_round_trip(now - answered.sent_at);
  address_ = answered.from;  // It reached them there: the packet proves it.
  auto made = std::move(answered.made);
  response_.reset();
  --services_.half_open;
  adopt(std::move(made), now);
}

void link::adopt(std::unique_ptr<connection> made, instant) {
  const bool reborn = (current_ || queue_is_old_) && made->peer().epoch != epoch_;
  end_session();
  forget_initiation();
  forget_response();
  initiate_at_.reset();
  if (reborn) {
    queue_.clear();
    ++services_.counters.peers_reborn;
  }
  queue_is_old_ = false;
  strays_ = 0;
  epoch_ = made->peer().epoch;
  current_ = std::move(made);
  ++services_.counters.handshakes_done;
  services_.outputs.push_back(link_set::peer_up{current_->peer(), address_});
}

void link::end_session() {
  if (!current_) return;
  services_.sessions.remove(previous_index_);
  previous_index_ = current_->our_index();
  current_->abandon(*this);
  current_.reset();
}

void link::forget_initiation() {
  if (!initiation_) return;
  services_.sessions.remove(initiation_->index);
  initiation_.reset();
}

void link::forget_response() {
  if (!response_) return;
  services_.sessions.remove(response_->made->our_index());
  response_.reset();
  --services_.half_open;
}

void link::on_transport(const transport_header& header, const datagram& packet, instant now) {
  connection* under = nullptr;
  if (current_ && current_->our_index() == header.index)
    under = current_.get();
  else if (response_ && response_->made->our_index() == header.index)
    under = response_->made.get();
  if (under == nullptr) {
    ++services_.counters.dropped_unknown_session;
    return;
  }
  if (const auto error = under->open(header.number, packet.bytes, services_.frames)) {
    count_refused(error);
    if (error == protocol_errc::stale_epoch) on_stray(now);
    if (error == protocol_errc::refused && under == current_.get()) break_off(now);
    return;
  }
  if (under != current_.get()) confirm(now);
  loss_detection::acked what;
  if (current_->on_packet(header.number, services_.frames, now, *this, what)) {
    ++services_.counters.dropped_optimistic_ack;
    break_off(now);
    return;
  }
  services_.counters.packets_lost += what.packets_lost;
  if (what.progress) forget_initiation();  // The session lives after all.
  deliver(now);
}

void link::count_refused(std::error_code why) {
  auto& counters = services_.counters;
  if (why == protocol_errc::duplicate)
    ++counters.dropped_replayed;
  else if (why == protocol_errc::stale_epoch)
    ++counters.dropped_stale_epoch;
  else
    ++counters.dropped_malformed;
}

void link::deliver(instant now) {
  auto& frames = services_.frames;
  for (auto& frame : frames.carried_frames)
    services_.outputs.push_back(
        link_set::frame_received{current_->peer(), frame.kind, std::move(frame.body)});
  if (!frames.close) return;
  ++services_.counters.closed_by_peer;
  end_session();
  queue_is_old_ = !queue_.empty();
  if (queue_is_old_ && !initiation_) initiate_at_ = now + calm_down;
}

void link::break_off(instant now) {
  services_.transmit(address_, current_->close_packet());
  end_session();
  queue_is_old_ = !queue_.empty();
  if (queue_is_old_ && !initiation_) initiate_at_ = now + calm_down;
}

void link::on_stray(instant now) {
  if (now - strays_since_ > strays_window) {
    strays_ = 0;
    strays_since_ = now;
  }
  if (++strays_ < strays_max || initiation_ || response_ || address_.empty()) return;
  strays_ = 0;
  strays_since_ = now;
  ++services_.counters.strays;
  initiate(now);
}

void link::on_deadline(instant now) {
  if (response_ && response_->expires_at <= now) forget_response();
  if (initiation_ && initiation_->began + services_.config.unreachable_after <= now)
    return on_unreachable();
  if (initiation_ && initiation_->retry_at <= now) send_hello(now);
  if (initiate_at_ && *initiate_at_ <= now) {
    initiate_at_.reset();
    if (!initiation_ && !current_ && !address_.empty()) initiate(now);
  }
  if (!current_) return;
  const auto what = current_->on_deadline(now, *this);
  services_.counters.packets_lost += what.packets_lost;
  if (what.what != loss_detection::timer::probe) return;
  ++services_.counters.probe_timeouts;
  if (!current_->stalled(now) || initiation_ || response_ || address_.empty()) return;
  ++services_.counters.stalls;
  initiate(now);
}

void link::on_unreachable() {
  give_up();
  services_.outputs.push_back(link_set::peer_unreachable{peer_});
}

std::optional<instant> link::next_deadline() const noexcept {
  auto deadline = current_ ? current_->next_deadline() : std::nullopt;
  const auto consider = [&](std::optional<instant> other) {
    if (other && (!deadline || *other < *deadline)) deadline = other;
  };
  consider(initiate_at_);
  if (response_) consider(response_->expires_at);
  if (initiation_)
    consider(
        std::min(initiation_->retry_at, initiation_->began + services_.config.unreachable_after));
  return deadline;
}

void link::flush(instant now) {
  if (current_) {
    while (auto packet = current_->next_packet(queue_, now))
      services_.transmit(address_, std::move(*packet));
  } else if (!queue_.empty()) {
    want_open(now);
  }
  while (const auto lane = queue_.take_writable(current_ != nullptr))
    services_.outputs.push_back(link_set::lane_writable{peer_, *lane});
}

void link::give_up() {
  forget_initiation();
  forget_response();
  initiate_at_.reset();
  end_session();
  queue_.clear();
  queue_is_old_ = false;
}

void link::close() {
  if (current_) services_.transmit(address_, current_->close_packet());
  give_up();
}

void link::on_frame_acked(queued_frame&& frame) {
  queue_.on_acked(frame);
  if (frame.frame.token != 0)
    services_.outputs.push_back(link_set::frame_acked{peer_, frame.frame.kind, frame.frame.token});
}

void link::on_frame_lost(queued_frame&& frame) {
  if (queue_.on_lost(std::move(frame))) ++services_.counters.frames_resent;
}

}  // namespace causerie::protocol
