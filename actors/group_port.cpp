// SPDX-License-Identifier: BSL-1.0
#include "actors/group_port.hpp"

#include <algorithm>
#include <utility>

namespace causerie::actors {

using protocol::failure;
using protocol::protocol_errc;

group_port::group_port(protocol::group_config config)
    : config_{std::move(config)}, id_{protocol::make_group_id(config_.cluster, config_.name)} {}

void group_port::send(send_command command) {
  std::optional<std::error_code> refusal;
  {
    std::lock_guard lock{mutex_};
    if (ended_)
      refusal = make_error_code(protocol_errc::not_a_member);
    else if (waiting_.sends.size() >= sends_max)
      refusal = make_error_code(protocol_errc::would_block);
    else
      waiting_.sends.push_back(std::move(command));
  }
  if (refusal) return command.done(tl::unexpected{*refusal});
  wake();
}

void group_port::put(work piece) {
  bool over = false;
  {
    std::lock_guard lock{mutex_};
    over = ended_.has_value();
    if (!over) waiting_.works.push_back(std::move(piece));
  }
  if (!over) return wake();
  // There is no group any more, but work that says nothing to it needs none.
  piece.done(piece.sends.empty() ? std::error_code{} : make_error_code(protocol_errc::not_a_member),
             {});
}

void group_port::note_committed(protocol::cursor up_to) {
  std::lock_guard lock{mutex_};
  committed_ = std::max(committed_, up_to);
}

void group_port::put_back(std::deque<work> works) {
  std::lock_guard lock{mutex_};
  for (auto& later : waiting_.works) works.push_back(std::move(later));
  waiting_.works = std::move(works);
}

void group_port::commit(protocol::cursor up_to) {
  {
    std::lock_guard lock{mutex_};
    waiting_.commit = committed_ = std::max(committed_, up_to);
  }
  wake();
}

void group_port::leave() {
  {
    std::lock_guard lock{mutex_};
    waiting_.leave = leaving_ = true;
  }
  wake();
}

/// One message wakes the orderer for everything that waits: a flood of sends costs one hop a batch.
void group_port::wake() {
  {
    std::lock_guard lock{mutex_};
    if (woken_) return;
    woken_ = true;
  }
  if (wake_orderer) wake_orderer();
}

std::vector<protocol::group_event> group_port::take(std::size_t count_max) {
  std::vector<protocol::group_event> taken;
  bool was_full = false;
  {
    std::lock_guard lock{mutex_};
    was_full = events_.size() >= events_max;
    if (events_.size() <= count_max) {
      taken.swap(events_);
    } else {
      const auto end = events_.begin() + static_cast<std::ptrdiff_t>(count_max);
      taken.assign(std::make_move_iterator(events_.begin()), std::make_move_iterator(end));
      events_.erase(events_.begin(), end);
    }
  }
  if (was_full) wake();
  return taken;
}

bool group_port::ended() const {
  std::lock_guard lock{mutex_};
  return ended_.has_value();
}

void group_port::on_events(std::function<void()> arrived) {
  std::lock_guard lock{mutex_};
  arrived_ = std::move(arrived);
}

void group_port::on_stable(
    const protocol::message_id& id,
    std::function<void(protocol::result<std::vector<protocol::node_id>>)> done) {
  protocol::result<std::vector<protocol::node_id>> answer;
  {
    std::lock_guard lock{mutex_};
    if (life_ && id.sender.epoch < *life_)
      answer = failure(protocol_errc::outcome_unknown);
    else if (id.number <= stable_up_to_)
      answer = stable_holders_;
    else if (ended_)
      answer = failure(protocol_errc::not_a_member);
    else
      return stable_waiters_.push_back({id.number, std::move(done)});
  }
  done(std::move(answer));
}

group_port::commands group_port::take_commands() {
  std::lock_guard lock{mutex_};
  woken_ = false;
  return std::exchange(waiting_, {});
}

void group_port::put_back(std::deque<send_command> sends) {
  std::lock_guard lock{mutex_};
  for (auto& later : waiting_.sends) sends.push_back(std::move(later));
  waiting_.sends = std::move(sends);
}

std::size_t group_port::room() const {
  std::lock_guard lock{mutex_};
  return events_.size() >= events_max ? 0 : events_max - events_.size();
}

protocol::cursor group_port::handed_over() const {
  std::lock_guard lock{mutex_};
  return handed_over_;
}

void group_port::note(const protocol::group_event& event,
                      std::vector<std::function<void()>>& calls) {
  if (const auto* said = std::get_if<protocol::message_event>(&event.what)) {
    note_seen(said->id.sender, said->id.number);
  } else if (const auto* stable = std::get_if<protocol::stable_event>(&event.what)) {
    stable_up_to_ = stable->up_to;
    stable_holders_ = stable->holders;
    std::erase_if(stable_waiters_, [&](auto& waiter) {
      if (waiter.number > stable_up_to_) return false;
      calls.push_back(
          [done = std::move(waiter.done), holders = stable_holders_] { done(holders); });
      return true;
    });
  } else if (const auto* ended = std::get_if<protocol::ended_event>(&event.what)) {
    ended_ = ended->reason;
    for (auto& waiter : stable_waiters_)
      calls.push_back(
          [done = std::move(waiter.done)] { done(failure(protocol_errc::not_a_member)); });
    stable_waiters_.clear();
  } else if (const auto* gap = std::get_if<protocol::gap_event>(&event.what)) {
    for (const auto& range : gap->missing) note_seen(range.sender, range.last);
  } else if (std::holds_alternative<protocol::joined_event>(event.what)) {
    returning_ = false;
  }
}

/// Senders often speak several times in a row.
void group_port::note_seen(const protocol::incarnation& sender, protocol::sequence number) {
  if (seen_last_ == seen_.end() || seen_last_->first != sender)
    seen_last_ = seen_.try_emplace(sender).first;
  seen_last_->second = std::max(seen_last_->second, number);
}

void group_port::begin_at(const std::map<protocol::incarnation, protocol::sequence>& beginning) {
  std::lock_guard lock{mutex_};
  for (const auto& [who, number] : beginning) note_seen(who, number);
}

group_port::return_ticket group_port::begin_again(protocol::boot_epoch life) {
  std::vector<stable_waiter> waiters;
  std::deque<send_command> sends;
  std::function<void()> arrived;
  return_ticket ticket;
  {
    std::lock_guard lock{mutex_};
    life_ = life;
    waiters.swap(stable_waiters_);
    sends.swap(waiting_.sends);
    stable_up_to_ = 0;
    stable_holders_.clear();
    waiting_.commit.reset();  // Work that waits has touched nothing yet, and goes on waiting.
    waiting_.leave = false;
    if (committed_ != 0) waiting_.commit = committed_;
    ticket.rejoin = returning_ = !ended_ && !leaving_;
    ticket.read = {handed_over_, seen_};
    if (leaving_ && !ended_) {  // It goes as a node does that dies.
      ended_ = make_error_code(protocol_errc::closed);
      events_.push_back({++handed_over_, protocol::ended_event{*ended_, "in another life"}});
      arrived = arrived_;
    }
  }
  for (auto& waiter : waiters) waiter.done(failure(protocol_errc::outcome_unknown));
  for (auto& send : sends)
    if (send.done) send.done(failure(protocol_errc::stale_epoch));
  if (arrived) arrived();
  return ticket;
}

bool group_port::returning() const {
  std::lock_guard lock{mutex_};
  return returning_;
}

void group_port::deliver(std::vector<protocol::group_event> events) {
  if (events.empty()) return;
  std::vector<std::function<void()>> calls;  // Made outside the lock: they may call back.
  {
    std::lock_guard lock{mutex_};
    handed_over_ = events.back().position;
    for (const auto& event : events) note(event, calls);
    if (events_.empty()) {
      events_ = std::move(events);
      if (arrived_) calls.push_back(arrived_);
    } else {
      events_.insert(events_.end(), std::make_move_iterator(events.begin()),
                     std::make_move_iterator(events.end()));
    }
  }
  for (const auto& call : calls) call();
}

void group_port::fail(std::error_code reason) {
  std::vector<stable_waiter> waiters;
  std::deque<send_command> sends;
  std::deque<work> works;
  std::function<void()> arrived;
  {
    std::lock_guard lock{mutex_};
    if (!ended_) {
      ended_ = reason;
      events_.push_back({handed_over_ + 1, protocol::ended_event{reason, {}}});
    }
    waiters.swap(stable_waiters_);
    sends.swap(waiting_.sends);
    works.swap(waiting_.works);
    arrived = arrived_;
  }
  for (auto& piece : works) piece.done(reason, {});
  for (auto& waiter : waiters) waiter.done(tl::unexpected{reason});
  for (auto& send : sends) send.done(tl::unexpected{reason});
  if (arrived) arrived();
}

}  // namespace causerie::actors
