// SPDX-License-Identifier: BSL-1.0
// What durable channels add to the machines: what is noted, and how a later life goes on.
#include "protocol/channel/channel_keeping.hpp"

#include <algorithm>
#include <utility>

#include "protocol/assert.hpp"
#include "protocol/channel/channel_table.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol {

// --- the sending side ---

void channel_sender::make_durable() {
  CAUSERIE_ASSERT(idle());
  if (durable_) return;
  durable_ = true;
  start_incarnation();
}

bool channel_sender::give_up() {
  commons_->notes.emplace_back(kept::channel_ended{key_});
  durable_ = false;
  return fail(protocol_errc::closed);
}

void channel_sender::restore(channel_image image) {
  CAUSERIE_ASSERT(idle());
  durable_ = true;
  cid_ = image.begun.cid;
  generation_ = image.begun.generation;
  since_ = image.begun.life;
  introduction_ = channel_introduction{key_.name, generation_, life_, durable_, since_};
  base_ = image.next;
  if (planted(planted_bug::outbox_not_restored)) image.outbox.clear();
  for (auto& payload : image.outbox) {
    outstanding_ += channel_cost(payload);
    commons_->counters.queued_bytes += payload.size();
    sent_.push_back({std::move(payload), ++commons_->last_message, instant::max()});
  }
  end_ = {base_ + sent_.size(), 0};
  start_over({base_, 0});
}

/// The receiver stands at `from` for all we know: whatever has left after that leaves again.
void channel_sender::start_over(const channel_position& from) {
  coverage_.clear();
  coverage_.update(from, {});
  flight_.clear();
  sync_share();
  again_.clear();
  if (from < end_) again_.push_back({from, end_});
  ack_number_ = 0;
  asked_before_ = 0;
  busy_until_.reset();
  note_progress();
}

/// Messages of a durable channel outlive many lives of this node, so all of them count, not only
/// those that have not left.
bool channel_sender::full(std::size_t bytes) const noexcept {
  const auto& config = commons_->config;
  // An empty queue takes one message of any legal size.
  if (!waiting_.empty() && (waiting_.size() >= config.queue_messages_max ||
                            waiting_bytes_ + bytes > config.queue_bytes_max))
    return true;
  return durable_ && !sent_.empty() &&
         outstanding_ + waiting_bytes_ + bytes > config.queue_bytes_max + config.window_bytes_max;
}

sequence channel_sender::next_sequence() const noexcept {
  return end_.seq + (end_.off != 0 ? 1 : 0) + waiting_.size();
}

void channel_sender::note_begun() {
  commons_->notes.emplace_back(
      kept::channel_begun{key_, /*sending=*/true, cid_, generation_, since_, 0});
}

void channel_sender::note_added(const message& what, sequence seq) {
  commons_->notes.emplace_back(kept::outbox_added{key_, cid_, seq, what.payload});
}

// --- the receiving side ---

void channel_receiver::restore(const channel_image& image) {
  open_ = durable_ = kept_ = true;
  cid_ = image.begun.cid;
  life_ = voice_ = image.begun.life;
  generation_ = image.begun.generation;
  next_ = promised_ = {image.next, 0};
  noted_next_ = image.next;
  if (!planted(planted_bug::position_not_restored)) inbox_.start_behind(image.begun.position);
  tuned_at_ = commons_->now;
}

void channel_receiver::start_over(boot_epoch life) {
  forget_incomplete();
  next_.off = 0;
  if (std::exchange(voice_, life) == life) return;
  promised_ = next_;  // To the sender's earlier life.
  echo_ = 0;
}

/// Once a channel has been kept here, all its incarnations are: positions go on through them.
void channel_receiver::note_begun() {
  kept_ |= durable_ && commons_->kept_since != boot_epoch{};
  noted_next_ = 1;
  if (!kept_) return;
  commons_->notes.emplace_back(kept::channel_begun{key_, /*sending=*/false, cid_, generation_,
                                                   life_, inbox_.committed() + inbox_.count()});
}

void channel_receiver::note_received() {
  if (!kept_ || !open_ || planted(planted_bug::receipt_not_kept)) return;
  const auto next = inbox_.committed_next(next_.seq);
  if (next <= noted_next_) return;
  noted_next_ = next;
  commons_->notes.emplace_back(kept::channel_received{key_, cid_, next, inbox_.committed()});
}

// --- all of them ---

bool channel_table::knows_all(const channel_introduction& introduction) const noexcept {
  if (!introduction.durable || introduction.since == boot_epoch{} ||
      introduction.since == commons.self.epoch)
    return true;
  return commons.kept_since != boot_epoch{} && commons.kept_since <= introduction.since;
}

void channel_table::restore(channels_image image) {
  commons.kept_since = image.since;
  for (auto& each : image.channels) {
    commons.generation = std::max(commons.generation, each.begun.generation);
    const auto key = each.begun.channel;
    auto* to = peer(key.peer);
    if (to == nullptr) continue;
    if (each.begun.sending) {
      auto* sending = sender(*to, key.name);
      if (sending == nullptr) continue;
      change(*to, *sending, [&] { sending->restore(std::move(each)); });
      continue;
    }
    if (auto* receiving = add_receiver(*to, key.name)) {
      receiving->restore(each);
      to->receivers_by_cid.emplace(receiving->cid(), receiving);
    }
  }
}

}  // namespace causerie::protocol
