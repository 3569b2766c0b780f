// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/loss_detection.hpp"

#include <algorithm>

#include "protocol/errors.hpp"

namespace causerie::protocol {

void loss_detection::on_sent(instant now, std::size_t bytes,
                             std::optional<packet_number> acked_up_to) {
  sent_.push(now, bytes, acked_up_to);
  in_flight_bytes_ += bytes;
  ++outstanding_;
  last_sent_at_ = now;
}

std::error_code loss_detection::on_ack(std::span<const packet_range> ranges, duration delay,
                                       instant now, frame_fates& fates, acked& what) {
  for (const auto& range : ranges)
    if (!sent_.could_be_acked(range)) return protocol_errc::refused;

  const auto largest = ranges.front().last;
  const auto in_flight_before = in_flight_bytes_;
  std::optional<duration> sample;
  for (const auto& range : ranges)
    for (auto number = std::max(range.first, sent_.begin()); number <= range.last; ++number) {
      auto& packet = sent_[number];
      if (packet.what != sent_packets::fate::outstanding) continue;
      if (number == largest) sample = now - packet.sent_at;
      settle_acked(packet, fates, what);
    }
  if (!largest_acked_ || largest > *largest_acked_) largest_acked_ = largest;
  if (sample) rtt_.on_sample(*sample, delay);
  if (what.progress) {
    probe_count_ = 0;
    what.packets_lost = detect_lost(now, fates);
    // After the losses: what was sent before a recovery period does not make the window grow.
    for (const auto& packet : acked_now_)
      congestion_->on_ack(packet.bytes, packet.sent_at, in_flight_before);
    acked_now_.clear();
  }
  sent_.trim();
  return {};
}

void loss_detection::settle_acked(sent_packets::entry& packet, frame_fates& fates, acked& what) {
  packet.what = sent_packets::fate::acked;
  in_flight_bytes_ -= packet.bytes;
  --outstanding_;
  what.progress = true;
  if (packet.acked_up_to)
    what.acked_up_to = std::max(what.acked_up_to.value_or(0), *packet.acked_up_to);
  acked_now_.push_back({packet.bytes, packet.sent_at});
  for (std::uint32_t i = 0; i < packet.frames; ++i) {
    auto& frame = sent_.frame(packet, i);
    if (frame.frame.kind != frame_kind{}) fates.on_frame_acked(std::exchange(frame, {}));
  }
}

std::size_t loss_detection::detect_lost(instant now, frame_fates& fates) {
  using fate = sent_packets::fate;
  loss_at_.reset();
  if (!largest_acked_) return 0;
  std::size_t lost = 0;
  std::optional<instant> newest, oldest;  // Of the newest run of losses without an ack in between.
  bool unbroken = true;
  const auto patience = rtt_.loss_delay();
  // Newest first: each lost frame goes to the front of its lane, so the oldest ends up first.
  for (auto number = std::max(*largest_acked_, sent_.begin()); number-- > sent_.begin();) {
    auto& packet = sent_[number];
    if (packet.what == fate::acked && newest) unbroken = false;
    if (packet.what != fate::outstanding) continue;
    if (*largest_acked_ - number < packet_threshold && packet.sent_at + patience > now) {
      loss_at_ = packet.sent_at + patience;
      continue;
    }
    ++lost;
    if (!newest) newest = packet.sent_at;
    if (unbroken) oldest = packet.sent_at;
    lose(packet, fates);
  }
  if (lost != 0) react_to_loss(*oldest, *newest, now);
  return lost;
}

void loss_detection::react_to_loss(instant oldest, instant newest, instant now) {
  if (!rtt_.near() || rtt_.grown()) congestion_->on_loss(newest, now);
  if (rtt_.sampled() && newest - oldest > 3 * rtt_.probe_timeout()) {
    congestion_->on_persistent_congestion();
    rtt_.forget_minimum();
  }
}

void loss_detection::lose(sent_packets::entry& packet, frame_fates& fates) {
  packet.what = sent_packets::fate::void_;
  in_flight_bytes_ -= packet.bytes;
  --outstanding_;
  take_frames(packet, fates);
}

bool loss_detection::take_frames(sent_packets::entry& packet, frame_fates& fates) {
  bool any = false;
  for (auto i = packet.frames; i-- != 0;) {
    auto& frame = sent_.frame(packet, i);
    if (frame.frame.kind == frame_kind{}) continue;  // Taken before, by a probe.
    any = true;
    fates.on_frame_lost(std::exchange(frame, {}));
  }
  return any;
}

duration loss_detection::probe_timeout() const noexcept {
  const auto doublings = std::min(probe_count_, 12u);
  return std::min<duration>(rtt_.probe_timeout() * (1 << doublings), probe_timeout_max);
}

std::optional<instant> loss_detection::next_deadline() const noexcept {
  if (loss_at_) return loss_at_;
  if (outstanding_ == 0) return std::nullopt;
  return *last_sent_at_ + probe_timeout();
}

loss_detection::timeout loss_detection::on_deadline(instant now, frame_fates& fates) {
  const auto deadline = next_deadline();
  if (!deadline || *deadline > now) return {};
  if (loss_at_) {
    const auto lost = detect_lost(now, fates);
    sent_.trim();
    return {timer::loss, lost};
  }
  ++probe_count_;
  // The probe itself will move this on; until then the timer must not fire again at once.
  last_sent_at_ = now;
  return {timer::probe, 0};
}

bool loss_detection::take_oldest_frames(frame_fates& fates) {
  for (auto number = sent_.begin(); number < sent_.next(); ++number) {
    auto& packet = sent_[number];
    if (packet.what == sent_packets::fate::outstanding && take_frames(packet, fates)) return true;
  }
  return false;
}

void loss_detection::abandon(frame_fates& fates) {
  for (auto number = sent_.next(); number-- != sent_.begin();) {
    auto& packet = sent_[number];
    if (packet.what == sent_packets::fate::outstanding) lose(packet, fates);
  }
  sent_.trim();
  loss_at_.reset();
}

}  // namespace causerie::protocol
