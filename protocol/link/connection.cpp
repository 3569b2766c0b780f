// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/connection.hpp"

#include <algorithm>

#include "protocol/link/new_reno.hpp"

namespace causerie::protocol {
namespace {

// Room for the largest frame must remain beside an ACK.
constexpr std::size_t ack_bytes_beside_frames = 64;
constexpr duration silence_min = std::chrono::milliseconds{250};

}  // namespace

connection::connection(const ends& between, std::unique_ptr<session> sealing,
                       std::size_t datagram_bytes_max, random_source chance, instant now)
    : ends_{between},
      session_{std::move(sealing)},
      datagram_bytes_max_{datagram_bytes_max},
      chance_{chance},
      loss_{std::make_unique<new_reno>(datagram_bytes_max)},
      pacer_{datagram_bytes_max},
      next_skip_{chance_.between(64, 256)},
      heard_at_{now} {}

std::error_code connection::open(packet_number number, const shared_bytes& packet,
                                 packet_frames& frames) const {
  if (!replay_.fresh(number)) return protocol_errc::duplicate;
  const auto opened = session_->open(number, packet);
  if (!opened) return opened.error();
  return frames.read(*opened);
}

std::error_code connection::on_packet(packet_number number, const packet_frames& frames,
                                      instant now, frame_fates& fates,
                                      loss_detection::acked& what) {
  if (!frames.ack_ranges.empty()) {
    const std::chrono::microseconds delay{std::min<std::uint64_t>(frames.ack.delay_us, 25'000)};
    if (const auto error = loss_.on_ack(frames.ack_ranges, delay, now, fates, what)) return error;
    if (what.acked_up_to) acks_.on_ack_acked(*what.acked_up_to);
  }
  replay_.accept(number);
  heard_at_ = now;
  acks_.on_packet({number, frames.ack_eliciting(), frames.ping}, rtt().ack_delay_max(), now);
  return {};
}

bool connection::may_carry(instant now) {
  paced_until_.reset();
  if (probes_ != 0) return true;
  if (!loss_.has_room_for(datagram_bytes_max_)) return false;
  if (pacer_.allows(rtt(), loss_.window_bytes(), now)) return true;
  paced_until_ = pacer_.ready_at(rtt(), loss_.window_bytes());
  return false;
}

connection::plan connection::plan_packet(const frame_queue& queue, instant now) {
  plan wanted;
  if (queue.empty())
    paced_until_.reset();
  else
    wanted.carry = may_carry(now);
  wanted.ping = ping_wanted_ || (probes_ != 0 && queue.empty());
  wanted.ack = acks_.due(now) || ((wanted.carry || wanted.ping) && acks_.useful());
  return wanted;
}

std::optional<shared_bytes> connection::next_packet(frame_queue& queue, instant now) {
  const auto wanted = plan_packet(queue, now);
  if (!wanted.carry && !wanted.ping && !wanted.ack) return std::nullopt;
  skip_now_and_then();

  const auto room = datagram_bytes_max_ - session::overhead_bytes;
  std::size_t used = wanted.ping ? 1 : 0;
  if (wanted.ack) {
    ack_.name(acks_.received().ranges(), acks_.delay(now),
              wanted.carry ? ack_bytes_beside_frames : room - 2);
    used += 1 + wire::encoded_size(ack_);
  }
  if (wanted.carry) take_frames(queue, room - used);
  auto& sent = loss_.sent();
  for (std::size_t i = 0; i < sent.open_frames(); ++i)
    used += frame_bytes(sent.open_frame(i).frame.body.size());

  auto packet = write_packet(used, wanted.ack ? &ack_ : nullptr, wanted.ping);
  if (wanted.carry || wanted.ping) {
    loss_.on_sent(now, packet.size(), wanted.ack ? std::optional{ack_.largest} : std::nullopt);
    pacer_.on_sent(packet.size());
    if (probes_ != 0) --probes_;
  } else {
    sent.push_settled();
  }
  if (wanted.ack) acks_.on_ack_sent();
  ping_wanted_ = false;
  return packet;
}

void connection::skip_now_and_then() {
  if (loss_.sent().next() < next_skip_) return;
  loss_.sent().skip();
  next_skip_ = loss_.sent().next() + chance_.between(64, 256);
}

void connection::take_frames(frame_queue& queue, std::size_t bytes_left) {
  // Two places are kept for an ACK and a PING.
  for (auto count = frames_per_packet_max - 2; count != 0 && !queue.empty(); --count) {
    const auto bytes = frame_bytes(queue.next_bytes());
    if (bytes > bytes_left) return;
    bytes_left -= bytes;
    loss_.sent().add_frame(queue.pop());
  }
}

shared_bytes connection::write_packet(std::size_t frames_bytes, const ack_frame* ack, bool ping) {
  const auto& sent = loss_.sent();
  const auto before = transport_header::bytes + session_->before_bytes();
  const auto size = before + frames_bytes + session_->after_bytes();
  const auto buffer = std::make_shared_for_overwrite<std::byte[]>(size);
  write_header({ends_.theirs, sent.next()}, buffer.get());
  wire::writer write{buffer.get() + before};
  if (ack != nullptr) write(link_frame::ack, *ack);
  if (ping) write(link_frame::ping);
  for (std::size_t i = 0; i < sent.open_frames(); ++i) {
    const auto& frame = sent.open_frame(i).frame;
    write(frame.kind, frame.body);
  }
  CAUSERIE_ASSERT(write.position() == buffer.get() + before + frames_bytes);
  session_->seal(sent.next(), {buffer.get(), size});
  return {buffer, {buffer.get(), size}};
}

shared_bytes connection::close_packet() {
  auto& sent = loss_.sent();
  const auto before = transport_header::bytes + session_->before_bytes();
  byte_buffer packet(before + 1 + session_->after_bytes());
  write_header({ends_.theirs, sent.next()}, packet.data());
  packet[before] = static_cast<std::byte>(link_frame::close);
  session_->seal(sent.next(), packet);
  sent.push_settled();
  return shared_bytes{std::move(packet)};
}

loss_detection::timeout connection::on_deadline(instant now, frame_fates& fates) {
  const auto what = loss_.on_deadline(now, fates);
  if (what.what == loss_detection::timer::probe) {
    probes_ = loss_.probe_count() == 1 ? 1 : 2;
    for (std::size_t i = 0; i < probes_; ++i)
      if (!loss_.take_oldest_frames(fates)) break;
  }
  return what;
}

std::optional<instant> connection::next_deadline() const noexcept {
  auto deadline = loss_.next_deadline();
  for (const auto& other : {acks_.deadline(), paced_until_})
    if (other && (!deadline || *other < *deadline)) deadline = other;
  return deadline;
}

bool connection::stalled(instant now) const noexcept {
  return loss_.probe_count() >= 3 && now - heard_at_ >= silence_min;
}

}  // namespace causerie::protocol
