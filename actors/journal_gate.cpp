// SPDX-License-Identifier: BSL-1.0
#include "actors/journal_gate.hpp"

#include <variant>

namespace causerie::actors {

bool journal_gate::put(turn came, std::vector<protocol::group_note> notes,
                       protocol::wall_time now) {
  for (const auto& note : notes)
    if (const auto* event = std::get_if<protocol::kept::event>(&note))
      came.events = event->position;
  const bool work = !notes.empty();
  if (work)
    last_ = desk_->leave(
        journal::records_of(owner_, std::move(notes), now, journal::durability::process));
  if (!came.empty()) turns_.emplace_back(last_, std::move(came));
  return work;
}

std::vector<journal_gate::turn> journal_gate::take_kept() {
  std::vector<turn> kept;
  const auto up_to = desk_->kept_up_to();
  while (!turns_.empty() && turns_.front().first <= up_to) {
    readable_ = std::max(readable_, turns_.front().second.events);
    kept.push_back(std::move(turns_.front().second));
    turns_.pop_front();
  }
  return kept;
}

}  // namespace causerie::actors
