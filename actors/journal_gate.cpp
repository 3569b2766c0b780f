// SPDX-License-Identifier: BSL-1.0
#include "actors/journal_gate.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace causerie::actors {
namespace {

bool is_cursor(const std::vector<protocol::group_note>& notes) noexcept {
  return notes.size() == 1 && std::holds_alternative<protocol::kept::read_up_to>(notes.front());
}

}  // namespace

bool journal_gate::put(turn came, std::vector<protocol::group_note> notes, protocol::wall_time now,
                       protocol::instant at) {
  for (const auto& note : notes)
    if (const auto* event = std::get_if<protocol::kept::event>(&note))
      came.events = event->position;
  if (held_.closed()) given_up_ = make_error_code(protocol::protocol_errc::outcome_unknown);
  if (given_up_) {
    refuse(came);
    due_.reset();
    return false;
  }
  if (notes.empty() && full() && only_frames(came)) return is_due(at);
  const bool can_wait = came.empty() && came.records.empty() && (notes.empty() || is_cursor(notes));
  std::optional<journal::batch> work;
  if (!notes.empty() || !came.records.empty()) {
    work = journal::records_of(owner_, std::move(notes), now, journal::durability::process);
    for (auto& record : std::exchange(came.records, {})) work->add(std::move(record));
  }
  if (can_wait && work && !due_) due_ = at + cursor_may_wait;
  const bool left = held_.put(std::move(came), std::move(work));
  if (can_wait || !left) return is_due(at);
  due_.reset();
  return true;
}

bool journal_gate::is_due(protocol::instant at) noexcept {
  if (!due_ || at < *due_) return false;
  due_.reset();
  return true;
}

void journal_gate::give_up(std::error_code reason) {
  given_up_ = reason;
  for (auto& came : held_.take_all()) refuse(came);
}

void journal_gate::refuse(turn& came) const {
  for (auto& [done, sent] : came.answers)
    done(sent ? protocol::result<protocol::message_id>{tl::unexpected{given_up_}} : sent);
}

std::vector<journal_gate::turn> journal_gate::take_kept() {
  auto kept = held_.take_kept();
  for (const auto& each : kept) readable_ = std::max(readable_, each.events);
  return kept;
}

void journal_gate::close() {
  for (auto& came : held_.take_kept())
    for (auto& [done, sent] : came.answers) done(std::move(sent));
  for (auto& came : held_.close())
    for (auto& [done, sent] : came.answers)
      done(sent ? failure(protocol::protocol_errc::outcome_unknown) : std::move(sent));
}

}  // namespace causerie::actors
