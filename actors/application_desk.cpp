// SPDX-License-Identifier: BSL-1.0
#include "actors/application_desk.hpp"

#include <algorithm>
#include <utility>

namespace causerie::actors {
namespace {

using namespace std::chrono_literals;
using protocol::instant;

constexpr std::size_t events_at_once = 512;

/// A second attempt comes soon, a third one when a passing trouble may have passed.
constexpr protocol::duration pause_after(unsigned attempts) { return attempts == 1 ? 50ms : 500ms; }

}  // namespace

application_desk::application_desk(std::string name, std::shared_ptr<group_room> room,
                                   std::shared_ptr<journal_desk> journal, work begin,
                                   options chosen)
    : post{"apps/" + name},
      name_{std::move(name)},
      room_{std::move(room)},
      begin_{std::move(begin)},
      options_{chosen},
      state_{"app/" + name_ + "/" + room_->port.config().name, std::move(journal),
             chosen.state_bytes_max} {}

void application_desk::put_first(std::deque<protocol::group_event> events) {
  std::lock_guard lock{mutex_};
  waiting_.insert(waiting_.begin(), std::make_move_iterator(events.begin()),
                  std::make_move_iterator(events.end()));
}

/// Events that are no message count as dealt with once the one behind them is, or nothing is there.
void application_desk::pass_over() {
  std::optional<protocol::cursor> passed;
  while (!waiting_.empty()) {
    const auto& what = waiting_.front().what;
    if (std::holds_alternative<protocol::message_event>(what)) break;
    if (const auto* gap = std::get_if<protocol::gap_event>(&what))
      for (const auto& range : gap->missing) lost_ += range.last - range.first + 1;
    ended_ = ended_ || std::holds_alternative<protocol::ended_event>(what);
    passed = waiting_.front().position;
    waiting_.pop_front();
  }
  if (passed) room_->port.commit(*passed);
}

void application_desk::look_ahead() {
  pass_over();
  while (waiting_.empty() && !ended_) {
    auto more = room_->port.take(events_at_once);
    if (more.empty()) return;
    waiting_.assign(std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    pass_over();
  }
}

std::optional<application_desk::assignment> application_desk::next(instant at) {
  std::lock_guard lock{mutex_};
  if (stage_ != stage::idle || (retry_at_ && *retry_at_ > at)) return std::nullopt;
  retry_at_.reset();
  look_ahead();
  if (waiting_.empty()) return std::nullopt;
  stage_ = stage::under_way;
  const auto& event = waiting_.front();
  return assignment{++ticket_,      std::get<protocol::message_event>(event.what),
                    event.position, lost_,
                    attempts_ + 1,  shared_from_this()};
}

std::optional<instant> application_desk::retry_at() const {
  std::lock_guard lock{mutex_};
  return retry_at_;
}

void application_desk::reopen() {
  std::lock_guard lock{mutex_};
  if (stage_ != stage::under_way) return;
  ++counts_.abandoned;
  stage_ = stage::idle;
  ++ticket_;  // Whoever still works on it works for nothing.
}

/// A message that fails again and again must not stop those behind it.
void application_desk::failed(std::string why, instant at) {
  ++counts_.failed;
  stage_ = stage::idle;
  if (++attempts_ < options_.attempts_max) {
    retry_at_ = at + pause_after(attempts_);
    return;
  }
  const auto& event = waiting_.front();
  dead_letter letter{std::get<protocol::message_event>(event.what).id, event.position,
                     std::move(why)};
  ++counts_.dead_letters;
  dead_.push_back(letter);
  if (dead_.size() > dead_letters_max) dead_.pop_front();
  news_.push_back(std::move(letter));
  room_->port.commit(event.position);
  waiting_.pop_front();
  attempts_ = 0;
  lost_ = 0;
}

std::string application_desk::objection(const work_effects& effects) const {
  if (effects.sends.size() + effects.whispers.size() > sends_max)
    return "more than " + std::to_string(sends_max) + " sends for one message";
  std::size_t bytes = 0;
  for (const auto& payload : effects.sends) bytes += payload.size();
  for (const auto& each : effects.whispers) bytes += each.payload.size();
  for (const auto& [key, value] : effects.writes) bytes += key.size() + (value ? value->size() : 0);
  if (bytes > bytes_max) return "more than 1 MiB of sends and state for one message";
  if (!state_.fits(effects.writes))
    return "the state would be larger than " + std::to_string(options_.state_bytes_max) +
           " bytes (in a durable group it may be)";
  return {};
}

void application_desk::finish(std::uint64_t ticket, work_result result, channel_port& private_port,
                              instant at, std::function<void()> settled) {
  {
    std::lock_guard lock{mutex_};
    if (ticket != ticket_ || stage_ != stage::under_way) return;
    if (result) {
      if (auto no = objection(*result); !no.empty()) result = tl::unexpected{std::move(no)};
    }
    if (!result)
      failed(std::move(result.error()), at);
    else
      stage_ = stage::handed_over;
  }
  if (!result) return settled();
  hand_over(std::move(*result), private_port, std::move(settled));
}

/// From here on the group's port has it, and no clerk's death can undo or double it.
void application_desk::hand_over(work_effects effects, channel_port& private_port,
                                 std::function<void()> settled) {
  group_port::work piece;
  piece.sends = std::move(effects.sends);
  piece.within = options_.within;
  piece.up_to = [this] {
    std::lock_guard lock{mutex_};
    return waiting_.front().position;
  }();
  const auto self = shared_from_this();
  if (state_.durable())
    for (const auto& [key, value] : effects.writes)
      piece.records.push_back(journal::note_written{state_.owner(), key, value});
  const auto written = std::make_shared<std::uint64_t>(0);  // The number of that, once it is.
  if (state_.durable() || !effects.whispers.empty())
    piece.when_kept = [self, &private_port, whispers = std::move(effects.whispers), written] {
      self->state_.kept(*written);
      for (const auto& each : whispers)
        private_port.send({each.to, each.payload, 30s, [](auto) {}, {}});
    };
  piece.done = [self, writes = std::move(effects.writes), written, settled = std::move(settled)](
                   std::error_code refused, instant at) {
    if (!refused) *written = self->state_.write(writes);
    {
      std::lock_guard lock{self->mutex_};
      refused ? self->failed(refused.message(), at) : self->applied();
    }
    settled();
  };
  room_->port.put(std::move(piece));
}

void application_desk::applied() {
  ++counts_.applied;
  stage_ = stage::idle;
  waiting_.pop_front();
  attempts_ = 0;
  lost_ = 0;
}

std::vector<application_desk::dead_letter> application_desk::take_news() {
  std::lock_guard lock{mutex_};
  return std::exchange(news_, {});
}

std::vector<application_desk::dead_letter> application_desk::dead_letters() const {
  std::lock_guard lock{mutex_};
  return {dead_.begin(), dead_.end()};
}

application_desk::counters application_desk::counted() const {
  std::lock_guard lock{mutex_};
  return counts_;
}

bool application_desk::ended() const {
  std::lock_guard lock{mutex_};
  return ended_;
}

}  // namespace causerie::actors
