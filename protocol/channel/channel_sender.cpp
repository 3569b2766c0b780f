// SPDX-License-Identifier: BSL-1.0
#include "protocol/channel/channel_sender.hpp"

#include <utility>

#include "protocol/assert.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol {
namespace {

using namespace std::chrono_literals;

// A peer that says nothing new is asked again after 1 s, then up to every 5 s.
constexpr duration patience_first = 1s;
constexpr duration patience_max = 5s;
constexpr duration busy_pause = 500ms;
constexpr duration suspicion_min = 100ms;
constexpr duration ack_delay_allowance = 50ms;
// Until the receiver has said what it really is.
constexpr std::uint64_t window_first = 64 * 1024;

}  // namespace

channel_sender::channel_sender(channel_key to, std::uint32_t slot_number, channel_commons& commons,
                               link_share& share)
    : slot{slot_number},
      key_{std::move(to)},
      commons_{&commons},
      share_{&share},
      patience_{patience_first} {
  start_incarnation();
}

void channel_sender::start_incarnation() {
  cid_ = commons_->chance.next();
  since_ = durable_ ? life_ : boot_epoch{};
  generation_ = commons_->next_generation();
  introduction_ = channel_introduction{key_.name, generation_, life_, durable_, since_};
  base_ = 1;
  end_ = {};
  outstanding_ = 0;
  window_ = std::min<std::uint64_t>(commons_->config.window_bytes, window_first);
  ack_number_ = 0;
  coverage_.clear();
  flight_.clear();
  sync_share();
  again_.clear();
  asked_before_ = 0;
  busy_until_.reset();
  note_progress();
  if (!durable_) return;
  note_begun();
  for (std::size_t i = 0; i < waiting_.size(); ++i) note_added(waiting_[i], base_ + i);
}

result<std::uint64_t> channel_sender::send(shared_bytes payload, std::optional<instant> deadline) {
  const auto bytes = payload.size();
  if (full(bytes)) {
    ++commons_->counters.would_block;
    wants_credit_ = true;
    return failure(protocol_errc::would_block);
  }
  if (idle()) note_progress();
  message next{std::move(payload), ++commons_->last_message, deadline.value_or(instant::max())};
  earliest_deadline_ = std::min(earliest_deadline_, next.deadline);
  waiting_bytes_ += bytes;
  commons_->counters.queued_bytes += bytes;
  ++commons_->counters.sent;
  if (durable_) note_added(next, next_sequence());
  waiting_.push_back(std::move(next));
  return commons_->last_message;
}

void channel_sender::tell(message& about, send_outcome what, std::error_code reason) {
  if (about.told) return;
  about.told = true;
  auto& counters = commons_->counters;
  ++(what == send_outcome::delivered  ? counters.outcomes_delivered
     : what == send_outcome::not_sent ? counters.outcomes_not_sent
                                      : counters.outcomes_unknown);
  commons_->outbox.push_back(channel_set::outcome{key_, about.id, what, reason});
}

void channel_sender::give_credit() {
  const auto& config = commons_->config;
  if (!wants_credit_ || waiting_.size() > config.queue_messages_max / 2 ||
      waiting_bytes_ > config.queue_bytes_max / 2 || full(0))
    return;
  wants_credit_ = false;
  commons_->outbox.push_back(channel_set::credit{key_});
}

void channel_sender::note_progress() noexcept {
  progress_at_ = commons_->now;
  patience_ = std::max(patience_first, 4 * share_->round_trip);
}

void channel_sender::sync_share() noexcept {
  const auto bytes = flight_.bytes_in_link();
  if (bytes > shared_bytes_in_link_) share_->took(bytes - shared_bytes_in_link_);
  if (bytes < shared_bytes_in_link_) share_->released(shared_bytes_in_link_ - bytes);
  shared_bytes_in_link_ = bytes;
}

void channel_sender::on_peer_life(boot_epoch life) {
  const auto before = std::exchange(life_, life);
  if (before == life) return;
  // Nothing but introductions leaves for a peer whose life is unknown, so the first life that
  // is learnt takes the incarnation over.
  const bool goes_on = durable_ && !planted(planted_bug::durable_channel_renewed);
  if (before != boot_epoch{}) goes_on ? start_over({base_, 0}) : renew(protocol_errc::stale_epoch);
  if (introduction_) introduction_->receiver = life;
  if (!durable_ || since_ != boot_epoch{}) return;
  since_ = life;
  if (introduction_) introduction_->since = life;
  note_begun();
}

void channel_sender::fail_sent(std::error_code reason) {
  for (auto& each : sent_) {
    tell(each,
         planted(planted_bug::channel_unknown_is_not_sent) ? send_outcome::not_sent
                                                           : send_outcome::unknown,
         reason);
    commons_->counters.queued_bytes -= each.payload.size();
  }
  sent_.clear();
}

bool channel_sender::fail(std::error_code reason) {
  const bool left = end_ != channel_position{};
  fail_sent(reason);
  for (auto& each : waiting_) {
    tell(each, send_outcome::not_sent, reason);
    commons_->counters.queued_bytes -= each.payload.size();
  }
  waiting_.clear();
  waiting_bytes_ = 0;
  earliest_deadline_ = instant::max();
  start_incarnation();
  return left;
}

void channel_sender::renew(std::error_code reason) {
  fail_sent(reason);
  ++commons_->counters.resets;
  start_incarnation();
}

bool channel_sender::inside(const channel_position& next) const {
  if (next.off == 0) return true;
  const auto& x = sent_[static_cast<std::size_t>(next.seq - base_)];
  return x.withdrawn || (!channel_whole(x.payload) && next.off < x.payload.size());
}

std::error_code channel_sender::on_ack(channel_ack&& ack) {
  const auto end = ack.sacks.empty() ? ack.recv_next : ack.sacks.back().end;
  if (end > end_) return protocol_errc::malformed;
  // A receiver that does not know what it has committed is another one, or an old copy of it.
  if (durable_ && ack.number > ack_number_ && ack.committed_next < base_) {
    renew(protocol_errc::stale_epoch);
    return protocol_errc::stale_epoch;
  }
  // A durable receiver forgets what is incomplete when this end begins another life. What it had
  // said before that may still come, and what it says next is behind it.
  const bool behind = ack.recv_next < coverage_.next();
  if (ack.number <= ack_number_ || (behind && !durable_) || ack.committed_next < base_)
    return protocol_errc::duplicate;
  if (ack.recv_next.seq < base_ || !inside(ack.recv_next)) return protocol_errc::malformed;
  if (behind) start_over(ack.recv_next);
  ack_number_ = ack.number;
  introduction_.reset();
  const bool news = !coverage_.same(ack.recv_next, ack.sacks) || ack.committed_next > base_ ||
                    ack.window != window_;
  if (news) note_progress();
  if (window_ <= outstanding_ && ack.window > outstanding_) ++commons_->counters.windows_reopened;
  window_ = ack.window;
  coverage_.update(ack.recv_next, std::move(ack.sacks));
  flight_.on_covered(coverage_);
  if (planted(planted_bug::channel_outcome_on_ack))
    for (auto seq = base_; seq < coverage_.next().seq; ++seq)
      tell(at(seq), send_outcome::delivered, {});
  commit_up_to(ack.committed_next);
  if (ack.rewind) {
    ++commons_->counters.rewinds;
    send_again(flight_.rewind(coverage_, flight_.next_number(), true));
  }
  if (asked_before_ != 0 && ack.echo == question_number_) {
    answered();
  }
  sync_share();
  return {};
}

/// The receiver has said what it holds of all that had left when it was asked: the rest is lost,
/// or still under way, which costs a duplicate at most.
void channel_sender::answered() {
  const auto ranges = flight_.rewind(coverage_, std::exchange(asked_before_, 0), false);
  std::erase_if(again_, [&](const channel_range& range) { return range.end <= asked_end_; });
  if (planted(planted_bug::channel_trusts_link_ack))
    send_again(ranges);
  else if (!planted(planted_bug::channel_answer_ignored))
    send_again(coverage_.missing_before(asked_end_));
}

void channel_sender::commit_up_to(sequence next) {
  if (durable_ && base_ < next)
    commons_->notes.emplace_back(kept::outbox_settled{key_, cid_, base_, next - 1});
  for (; base_ < next; ++base_) {
    auto& first = sent_.front();
    tell(first, send_outcome::delivered, {});
    outstanding_ -= channel_cost(first.payload);
    commons_->counters.queued_bytes -= first.payload.size();
    sent_.pop_front();
  }
  if (durable_) give_credit();
}

void channel_sender::on_reject(const channel_control& reject) {
  switch (reject.reason) {
    case channel_reject_reason::busy: busy_until_ = commons_->now + busy_pause; return;
    case channel_reject_reason::too_large: withdraw(reject.number); return;
    case channel_reject_reason::unknown_channel:
      // Introductions ride on every frame until the first ack, so the receiver has forgotten.
      renew(protocol_errc::stale_epoch);
      return;
    case channel_reject_reason::none: return;
  }
}

void channel_sender::withdraw(sequence seq) {
  // What the receiver holds already it cannot refuse.
  if (seq < std::max(base_, coverage_.next().seq) || seq >= base_ + sent_.size()) return;
  auto& x = at(seq);
  if (x.withdrawn) return;
  ++commons_->counters.withdrawn;
  const bool partly = end_.seq == seq;
  outstanding_ -= partly ? end_.off : x.payload.size();
  if (partly) end_ = {seq + 1, 0};
  commons_->counters.queued_bytes -= x.payload.size();
  tell(x, send_outcome::not_sent, protocol_errc::too_large);
  x.payload = {};
  x.withdrawn = true;
  send_again(channel_range{{seq, 0}, {seq + 1, 0}});
}

duration channel_sender::allowed_for_ack() const noexcept {
  // Twice a probe timeout of RFC 9002, guessed from the round trip alone.
  return std::max(suspicion_min, 3 * share_->round_trip + ack_delay_allowance);
}

void channel_sender::on_link_acked(std::uint64_t frame_number) {
  flight_.on_link_acked(frame_number, commons_->now + allowed_for_ack());
  sync_share();
}

void channel_sender::on_refused(std::uint64_t frame_number) {
  const auto range = flight_.on_refused(frame_number);
  sync_share();
  if (range) send_again(*range);
}

void channel_sender::send_again(const channel_range& range) {
  if (range.end <= coverage_.next()) return;
  ++commons_->counters.ranges_resent;
  if (!again_.empty() && again_.back().end == range.begin)
    again_.back().end = range.end;
  else
    again_.push_back(range);
}

void channel_sender::send_again(const std::vector<channel_range>& ranges) {
  for (const auto& range : ranges) send_again(range);
}

std::optional<outgoing_frame> channel_sender::resume() {
  paused_ = false;
  if (idle()) return std::nullopt;
  note_progress();
  return question();
}

void channel_sender::expire(std::deque<message>& queue, send_outcome what, instant now) {
  for (auto& each : queue) {
    if (each.told) continue;
    if (each.deadline <= now) {
      ++commons_->counters.expired;
      tell(each, what, protocol_errc::timed_out);
    } else {
      earliest_deadline_ = std::min(earliest_deadline_, each.deadline);
    }
  }
}

std::optional<outgoing_frame> channel_sender::on_deadline() {
  const auto now = commons_->now;
  if (earliest_deadline_ <= now) {
    earliest_deadline_ = instant::max();
    expire(sent_,
           planted(planted_bug::channel_expired_is_not_sent) ? send_outcome::not_sent
                                                             : send_outcome::unknown,
           now);
    expire(waiting_, durable_ ? send_outcome::unknown : send_outcome::not_sent, now);
    if (!durable_)
      std::erase_if(waiting_, [&](const message& each) {
        if (!each.told) return false;
        waiting_bytes_ -= each.payload.size();
        commons_->counters.queued_bytes -= each.payload.size();
        return true;
      });
    give_credit();
  }
  if (paused_) return std::nullopt;
  if (busy_until_ && *busy_until_ <= now) busy_until_.reset();
  while (const auto range = flight_.lost(coverage_, now, allowed_for_ack())) send_again(*range);
  sync_share();
  if (idle() || now < progress_at_ + patience_) return std::nullopt;
  progress_at_ = now;
  patience_ = std::max(patience_, std::min(2 * patience_, patience_max));
  return question();
}

std::optional<instant> channel_sender::deadline() const {
  auto next = earliest_deadline_;
  if (!paused_) {
    if (busy_until_) next = std::min(next, *busy_until_);
    if (const auto due = flight_.next_due()) next = std::min(next, *due);
    if (!idle()) next = std::min(next, progress_at_ + patience_);
  }
  if (next == instant::max()) return std::nullopt;
  return next;
}

void channel_sender::audit() const {
  std::uint64_t cost = 0;
  std::size_t bytes = 0;
  for (const auto& each : sent_) cost += channel_cost(each.payload);
  for (const auto& each : waiting_) bytes += each.payload.size();
  if (end_.off != 0) cost -= sent_.back().payload.size() - end_.off;
  CAUSERIE_ASSERT(cost == outstanding_);
  CAUSERIE_ASSERT(bytes == waiting_bytes_);
  CAUSERIE_ASSERT(end_.seq == base_ + sent_.size() - (end_.off != 0 ? 1 : 0));
  CAUSERIE_ASSERT(coverage_.next() <= end_);
  CAUSERIE_ASSERT(base_ <= coverage_.next().seq);
  CAUSERIE_ASSERT(shared_bytes_in_link_ == flight_.bytes_in_link());
}

}  // namespace causerie::protocol
