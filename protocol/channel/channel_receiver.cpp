// SPDX-License-Identifier: BSL-1.0
#include "protocol/channel/channel_receiver.hpp"

#include <algorithm>
#include <utility>

#include "protocol/assert.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol {
namespace {

using namespace std::chrono_literals;

// Long enough for the application to commit meanwhile, so that one ack says both.
constexpr duration ack_delay = 10ms;
constexpr std::size_t frames_per_ack = 32;
// A frame this small would keep a whole datagram's buffer alive: its bytes are copied instead.
constexpr std::size_t small_body_bytes = 512;
// What a frame kept ahead costs at least: its bookkeeping is real memory too.
constexpr std::uint64_t ahead_cost_min = 256;
constexpr std::size_t assembly_bytes_first = 64 * 1024;

channel_control rejection(std::uint64_t cid, sequence seq, channel_reject_reason reason) {
  channel_control control;
  control.kind = channel_control_kind::reject;
  control.cid = cid;
  control.number = seq;
  control.reason = reason;
  return control;
}

std::uint64_t cost_of(const channel_batch& frame) {
  std::uint64_t cost = 0;
  for (const auto& message : frame.messages) cost += channel_cost(message);
  return cost;
}

/// Moves the messages into one buffer of their own when they are few bytes of a large one.
void detach(channel_batch& frame) {
  std::size_t bytes = 0;
  for (const auto& message : frame.messages) bytes += message.size();
  if (bytes >= small_body_bytes) return;
  byte_buffer all;
  all.reserve(bytes);
  for (const auto& message : frame.messages)
    all.insert(all.end(), message.view().begin(), message.view().end());
  const shared_bytes own{std::move(all)};
  std::size_t at = 0;
  for (auto& message : frame.messages) {
    message = own.slice(at, message.size());
    at += message.size();
  }
}

channel_position end_of(const channel_fragment& frame) {
  const auto end = frame.at.off + frame.bytes.size();
  if (end == frame.total) return {frame.at.seq + 1, 0};
  return {frame.at.seq, end};
}

}  // namespace

channel_receiver::channel_receiver(channel_key from, std::uint32_t slot_number,
                                   channel_commons& commons, receive_budget& budget,
                                   link_share& share)
    : slot{slot_number},
      key_{std::move(from)},
      commons_{&commons},
      budget_{&budget},
      share_{&share},
      window_bytes_{commons.config.window_bytes} {}

channel_receiver::~channel_receiver() = default;

bool channel_receiver::newer(boot_epoch life, std::uint64_t generation) const noexcept {
  return std::pair{life, generation} > std::pair{life_, generation_};
}

void channel_receiver::begin(std::uint64_t cid, boot_epoch life,
                             const channel_introduction& introduction) {
  close();
  open_ = true;
  cid_ = cid;
  life_ = voice_ = life;
  generation_ = introduction.generation;
  durable_ = introduction.durable;
  note_begun();
  next_ = promised_ = {};
  ack_number_ = 0;
  echo_ = 0;
  rewind_ = false;
  tuned_at_ = commons_->now;
  want_ack();
}

void channel_receiver::close() {
  inbox_.end_incarnation();
  forget_incomplete();
  next_ = {};
  open_ = false;
  ack_now_ = false;
  ack_at_.reset();
}

void channel_receiver::forget_incomplete() {
  drop_assembly();
  budget_->give_back(held_bytes::ahead, ahead_cost_);
  ahead_cost_ = 0;
  ahead_.clear();
}

void channel_receiver::drop_assembly() {
  if (!assembly_) return;
  budget_->give_back(assembly_->pool, assembly_->total + channel_message_overhead);
  assembly_.reset();
}

void channel_receiver::took(bool urgent) {
  ++frames_unacked_;
  if (urgent || frames_unacked_ >= frames_per_ack)
    want_ack();
  else if (!ack_at_)
    ack_at_ = commons_->now + ack_delay;
}

void channel_receiver::give(shared_bytes payload, sequence seq) {
  inbox_.push(std::move(payload), voice_, seq);
  ++commons_->counters.received;
  if (announced) return;
  announced = true;
  commons_->outbox.push_back(channel_set::messages_ready{key_});
}

std::error_code channel_receiver::on_batch(channel_batch&& frame, refusal& answer) {
  const channel_position end{frame.first + frame.messages.size(), 0};
  if (end <= next_) {
    if (planted(planted_bug::channel_no_duplicate_check))
      for (const auto& message : frame.messages)
        if (budget_->take(held_bytes::in_order, channel_cost(message))) give(message, next_.seq);
    want_ack();
    ++commons_->counters.dropped_duplicate;
    return protocol_errc::duplicate;
  }
  detach(frame);
  if (planted(planted_bug::channel_hole_skipped) && next_.off == 0)
    next_.seq = std::max(next_.seq, frame.first);
  if (frame.first > next_.seq) {
    const auto cost = cost_of(frame);
    return keep_ahead({frame.first, 0}, {end, cost, std::move(frame)});
  }
  const auto error = take(frame);
  drain(answer);
  return error;
}

std::error_code channel_receiver::on_fragment(channel_fragment&& frame, refusal& answer) {
  const auto end = end_of(frame);
  if (end <= next_) {
    took(/*urgent=*/false);
    ++commons_->counters.dropped_duplicate;
    return protocol_errc::duplicate;
  }
  // Whatever is known of the message already: a peer that changes its size has no size.
  if (assembly_ && frame.at.seq == next_.seq && frame.total != 0 &&
      frame.total != assembly_->total) {
    ++commons_->counters.dropped_malformed;
    return protocol_errc::malformed;
  }
  if (frame.at > next_ && frame.total != 0) {
    // Bytes of the message being put together are reserved already.
    const bool reserved = assembly_ && frame.at.seq == next_.seq;
    const auto cost = (reserved ? 0 : frame.bytes.size()) + channel_message_overhead;
    const auto begin = frame.at;
    if (frame.bytes.size() < small_body_bytes)
      frame.bytes = shared_bytes::copy_of(frame.bytes.view());
    return keep_ahead(begin, {end, cost, std::move(frame)});
  }
  if (frame.at.seq > next_.seq)
    return keep_ahead(frame.at, {end, channel_message_overhead, std::move(frame)});
  const auto error = take(frame, answer);
  drain(answer);
  return error;
}

std::error_code channel_receiver::keep_ahead(const channel_position& begin, chunk&& what) {
  took(/*urgent=*/false);
  what.cost = std::max(what.cost, ahead_cost_min);
  const auto known = ahead_.find(begin);
  if (known != ahead_.end() && known->second.end >= what.end) {
    ++commons_->counters.dropped_duplicate;
    return protocol_errc::duplicate;
  }
  const auto bound = std::max(window_bytes_, assembly_ ? assembly_->total : 0);
  if (ahead_cost_ + what.cost > bound || !budget_->take(held_bytes::ahead, what.cost)) {
    ++commons_->counters.dropped_window;
    return protocol_errc::out_of_window;
  }
  if (known != ahead_.end()) {
    budget_->give_back(held_bytes::ahead, known->second.cost);
    ahead_cost_ -= known->second.cost;
    ahead_.erase(known);
  }
  ++commons_->counters.kept_ahead;
  ahead_cost_ += what.cost;
  auto& kept = ahead_.emplace(begin, std::move(what)).first->second;
  if (planted(planted_bug::channel_out_of_order))
    if (auto* batch = std::get_if<channel_batch>(&kept.frame)) {
      kept.given = true;
      for (const auto& message : batch->messages)
        if (budget_->take(held_bytes::in_order, channel_cost(message))) give(message, next_.seq);
    }
  return {};
}

bool channel_receiver::window_takes(std::uint64_t cost) const noexcept {
  return inbox_.cost_now() + inbox_.cost_before() + cost <= window_bytes_ || inbox_.empty();
}

std::error_code channel_receiver::take(channel_batch& frame) {
  for (auto index = static_cast<std::size_t>(next_.seq - frame.first);
       index < frame.messages.size(); ++index) {
    auto& message = frame.messages[index];
    const auto cost = channel_cost(message);
    if (!window_takes(cost) || !budget_->take(held_bytes::in_order, cost)) {
      want_ack();
      ++commons_->counters.dropped_window;
      return protocol_errc::out_of_window;
    }
    // The sender sends it whole although it began with fragments: legal, if odd.
    drop_assembly();
    give(std::move(message), next_.seq);
    next_ = {next_.seq + 1, 0};
  }
  took(/*urgent=*/false);
  return {};
}

std::error_code channel_receiver::take(channel_fragment& frame, refusal& answer) {
  if (frame.total == 0) {  // Taken back.
    drop_assembly();
    next_ = {next_.seq + 1, 0};
    want_ack();
    return {};
  }
  const bool first = !assembly_;
  if (first)
    if (const auto error = begin_assembly(frame.total, answer)) return error;
  if (frame.total != assembly_->total) {
    ++commons_->counters.dropped_malformed;
    return protocol_errc::malformed;
  }
  auto& bytes = assembly_->bytes;
  const auto fresh = frame.bytes.view().subspan(static_cast<std::size_t>(next_.off - frame.at.off));
  // Room grows with what has come, not with what was claimed.
  if (bytes.capacity() < bytes.size() + fresh.size())
    bytes.reserve(std::min<std::size_t>(
        static_cast<std::size_t>(frame.total),
        std::max({2 * bytes.capacity(), assembly_bytes_first, bytes.size() + fresh.size()})));
  bytes.insert(bytes.end(), fresh.begin(), fresh.end());
  next_.off = bytes.size();
  if (next_.off == frame.total) complete_assembly();
  took(/*urgent=*/first);
  return {};
}

std::error_code channel_receiver::begin_assembly(std::uint64_t total, refusal& answer) {
  if (!budget_->possible(total)) {
    ++commons_->counters.rejected_too_large;
    answer = rejection(cid_, next_.seq, channel_reject_reason::too_large);
    return protocol_errc::too_large;
  }
  const auto pool = oversized(total, commons_->config.window_bytes) ? held_bytes::oversized
                                                                    : held_bytes::in_order;
  if (!budget_->take(pool, total + channel_message_overhead)) {
    ++commons_->counters.rejected_busy;
    answer = rejection(cid_, next_.seq, channel_reject_reason::busy);
    return protocol_errc::would_block;
  }
  assembly_ = assembly{total, pool, {}};
  return {};
}

void channel_receiver::complete_assembly() {
  // The reservation goes on as the charge of the message: same pool, same cost.
  auto bytes = std::move(assembly_->bytes);
  assembly_.reset();
  give(shared_bytes{std::move(bytes)}, next_.seq);
  next_ = {next_.seq + 1, 0};
  want_ack();
}

void channel_receiver::drain(refusal& answer) {
  while (!ahead_.empty() && ahead_.begin()->first <= next_) {
    auto& [begin, held] = *ahead_.begin();
    if (held.given) next_ = std::max(next_, held.end);
    if (held.end > next_) {
      auto* batch = std::get_if<channel_batch>(&held.frame);
      const auto error =
          batch != nullptr ? take(*batch) : take(std::get<channel_fragment>(held.frame), answer);
      // What has been announced as held stays: it is taken when there is room.
      if (error && error != protocol_errc::malformed) return;
    }
    ahead_cost_ -= held.cost;
    budget_->give_back(held_bytes::ahead, held.cost);
    ahead_.erase(ahead_.begin());
  }
}

void channel_receiver::on_question(std::uint64_t number, refusal& answer) {
  echo_ = number;
  want_ack();
  drain(answer);
}

void channel_receiver::commit(std::uint64_t up_to, refusal& answer) {
  if (up_to <= inbox_.committed() || inbox_.empty()) return;
  const auto freed = inbox_.commit(up_to, commons_->config.window_bytes);
  budget_->give_back(held_bytes::in_order, freed.cost);
  budget_->give_back(held_bytes::oversized, freed.oversized_cost);
  tune(freed.cost + freed.oversized_cost);
  note_received();
  want_ack();
  drain(answer);
}

/// An application that empties half a window within four round trips is held up by the window.
void channel_receiver::tune(std::uint64_t cost) {
  tuned_cost_ += cost;
  if (tuned_cost_ < window_bytes_ / 2) return;
  if (commons_->now - tuned_at_ < 4 * share_->round_trip) {
    ++commons_->counters.windows_grown;
    window_bytes_ = std::min<std::uint64_t>(
        2 * window_bytes_,
        std::max(commons_->config.window_bytes_max, commons_->config.window_bytes));
  }
  tuned_cost_ = 0;
  tuned_at_ = commons_->now;
}

std::uint64_t channel_receiver::window() {
  const auto now = inbox_.cost_now();
  const auto before = inbox_.cost_before();
  const auto wanted = window_bytes_ > before ? window_bytes_ - before : 0;
  const auto promised = std::min(wanted, now + budget_->promise());
  starved_ = promised < wanted;
  return std::max(promised, assembly_ ? now + assembly_->total + channel_message_overhead : 0);
}

channel_ack channel_receiver::make_ack() {
  note_received();  // Messages that were taken back count as committed, too.
  ack_now_ = false;
  ack_at_.reset();
  frames_unacked_ = 0;
  channel_ack ack;
  ack.cid = cid_;
  ack.number = ++ack_number_;
  ack.echo = echo_;
  ack.rewind = std::exchange(rewind_, false) || next_ < promised_;
  promised_ = std::max(promised_, next_);
  ack.recv_next = next_;
  ack.committed_next =
      planted(planted_bug::channel_commits_unread) ? next_.seq : inbox_.committed_next(next_.seq);
  ack.window = window();
  for (const auto& [begin, held] : ahead_) {
    if (!ack.sacks.empty() && ack.sacks.back().end >= begin) {
      ack.sacks.back().end = std::max(ack.sacks.back().end, held.end);
      continue;
    }
    if (ack.sacks.size() == channel_sacks_max) break;
    ack.sacks.push_back({begin, held.end});
  }
  return ack;
}

void channel_receiver::on_deadline() {
  if (ack_at_ && *ack_at_ <= commons_->now) want_ack();
  if (ack_now_) ack_at_.reset();
}

std::uint64_t channel_receiver::held() const noexcept {
  return inbox_.cost_now() + inbox_.cost_before() + ahead_cost_ +
         (assembly_ ? assembly_->total + channel_message_overhead : 0);
}

void channel_receiver::audit() const {
  std::uint64_t cost = 0;
  for (const auto& [begin, held] : ahead_) {
    CAUSERIE_ASSERT(begin < held.end);
    cost += held.cost;
  }
  CAUSERIE_ASSERT(cost == ahead_cost_);
  CAUSERIE_ASSERT(assembly_.has_value() == (next_.off != 0));
  CAUSERIE_ASSERT(!assembly_ || assembly_->bytes.size() == next_.off);
  CAUSERIE_ASSERT(open_ || !incomplete());
}

}  // namespace causerie::protocol
