// SPDX-License-Identifier: BSL-1.0
#include "actors/journal_gate.hpp"

#include <algorithm>
#include <variant>

namespace causerie::actors {

bool journal_gate::put(turn came, std::vector<protocol::group_note> notes,
                       protocol::wall_time now) {
  for (const auto& note : notes)
    if (const auto* event = std::get_if<protocol::kept::event>(&note))
      came.events = event->position;
  std::optional<journal::batch> work;
  if (!notes.empty())
    work = journal::records_of(owner_, std::move(notes), now, journal::durability::process);
  return held_.put(std::move(came), std::move(work));
}

std::vector<journal_gate::turn> journal_gate::take_kept() {
  auto kept = held_.take_kept();
  for (const auto& each : kept) readable_ = std::max(readable_, each.events);
  return kept;
}

}  // namespace causerie::actors
