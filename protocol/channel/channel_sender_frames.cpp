// SPDX-License-Identifier: BSL-1.0
// The frames of a channel_sender: what leaves next, first what must be sent again.
#include <algorithm>
#include <utility>

#include "protocol/channel/channel_sender.hpp"

namespace causerie::protocol {
channel_packer channel_sender::packer(sequence first) const {
  return {cid_, introduction_ ? &*introduction_ : nullptr, first};
}

outgoing_frame channel_sender::data_frame(const channel_range& range, shared_bytes body) {
  const auto number = flight_.add(range, body.size());
  sync_share();
  outgoing_frame frame;
  frame.kind = frame_kind::channel;
  frame.care = frame_care::reliable;
  frame.lane = frame_lane::channel;
  frame.token = std::uint64_t{slot} << 40 | (number & ((std::uint64_t{1} << 40) - 1));
  frame.body = std::move(body);
  return frame;
}

std::optional<outgoing_frame> channel_sender::next_frame() {
  if (paused_ || life_ == boot_epoch{} || busy_until_) return std::nullopt;
  if (auto frame = next_resend()) return frame;
  if (!sent_.empty() && end_.off != 0) return next_fragment();
  if (waiting_.empty()) return std::nullopt;
  if (channel_whole(waiting_.front().payload)) return next_batch();
  return next_fragment();
}

std::optional<outgoing_frame> channel_sender::next_resend() {
  while (!again_.empty()) {
    auto& range = again_.front();
    range.begin = std::max(range.begin, coverage_.next());
    if (range.begin < range.end) {
      if (range.begin >= reach()) return std::nullopt;
      return resend_of(range);
    }
    again_.pop_front();
  }
  return std::nullopt;
}

outgoing_frame channel_sender::resend_of(channel_range& range) {
  const auto from = range.begin;
  const auto& first = at(from.seq);
  auto pack = packer(from.seq);
  if (first.withdrawn) {
    range.begin = {from.seq + 1, 0};
    return data_frame({{from.seq, 0}, range.begin}, pack.fragment(0, 0, {}));
  }
  if (!channel_whole(first.payload)) {
    const auto total = first.payload.size();
    const auto stop = range.end.seq == from.seq ? range.end.off : total;
    const auto off = static_cast<std::size_t>(from.off);
    const auto bytes =
        std::min(pack.fragment_room(from.off, total), static_cast<std::size_t>(stop) - off);
    range.begin = off + bytes == total ? channel_position{from.seq + 1, 0}
                                       : channel_position{from.seq, off + bytes};
    return data_frame({from, range.begin},
                      pack.fragment(from.off, total, first.payload.view().subspan(off, bytes)));
  }
  auto seq = from.seq;
  while (seq < range.end.seq && channel_whole(at(seq).payload) && !at(seq).withdrawn &&
         pack.add(at(seq).payload))
    ++seq;
  range.begin = {seq, 0};
  return data_frame({from, range.begin}, pack.batch());
}

std::uint64_t channel_sender::credit() const noexcept {
  return window_ > outstanding_ ? window_ - outstanding_ : 0;
}

channel_position channel_sender::reach() const {
  if (outstanding_ <= window_) return end_;
  auto left = window_;
  auto seq = base_;
  for (const auto& each : sent_) {
    if (left < channel_cost(each.payload)) break;
    left -= channel_cost(each.payload);
    ++seq;
  }
  return {seq, left > channel_message_overhead ? left - channel_message_overhead : 0};
}

void channel_sender::take_waiting() {
  waiting_bytes_ -= waiting_.front().payload.size();
  sent_.push_back(std::move(waiting_.front()));
  waiting_.pop_front();
}

std::optional<outgoing_frame> channel_sender::next_batch() {
  auto pack = packer(end_.seq);
  const auto allowed = credit();
  std::uint64_t cost = 0;
  for (const auto& next : waiting_) {
    if (!channel_whole(next.payload) || cost + channel_cost(next.payload) > allowed ||
        !pack.add(next.payload))
      break;
    cost += channel_cost(next.payload);
  }
  if (pack.count() == 0) return std::nullopt;
  auto body = pack.batch();
  for (auto left = pack.count(); left != 0; --left) take_waiting();
  outstanding_ += cost;
  const auto from = std::exchange(end_, {end_.seq + pack.count(), 0});
  give_credit();
  return data_frame({from, end_}, std::move(body));
}

std::optional<outgoing_frame> channel_sender::next_fragment() {
  const bool first = end_.off == 0;
  const auto& payload = first ? waiting_.front().payload : sent_.back().payload;
  const auto total = payload.size();
  const auto off = static_cast<std::size_t>(end_.off);
  auto pack = packer(end_.seq);
  const auto bytes = std::min(pack.fragment_room(off, total), total - off);
  const auto cost = bytes + (first ? channel_message_overhead : 0);
  if (cost > credit()) return std::nullopt;
  auto body = pack.fragment(off, total, payload.view().subspan(off, bytes));
  if (first) take_waiting();
  outstanding_ += cost;
  const auto from = end_;
  end_ = off + bytes == total ? channel_position{from.seq + 1, 0}
                              : channel_position{from.seq, off + bytes};
  give_credit();
  return data_frame({from, end_}, std::move(body));
}

outgoing_frame channel_sender::question() {
  ++question_number_;
  asked_before_ = flight_.next_number();
  asked_end_ = end_;
  ++commons_->counters.resumes;
  channel_control ask;
  ask.kind = channel_control_kind::resume;
  ask.cid = cid_;
  ask.introduction = introduction_;
  ask.number = question_number_;
  outgoing_frame frame;
  frame.kind = frame_kind::channel;
  frame.care = frame_care::reliable;
  frame.lane = frame_lane::control;
  frame.body = encode_channel_frame(ask);
  return frame;
}

}  // namespace causerie::protocol
