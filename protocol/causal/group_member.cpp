// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/group_member.hpp"

#include <utility>

#include "protocol/planted.hpp"

namespace causerie::protocol::causal {

bool group_member::on_row(std::uint64_t number, vector_clock delivered,
                          const vector_clock& kept_from, member_tag tag, const vector_clock& ours,
                          instant now) {
  if (number <= row_number) return false;
  row_number = number;
  row = std::move(delivered);
  row_heard = now;
  floor.join(kept_from);
  if (floor.covers(floor_parts)) floor_parts.clear();
  if (!pending_row_ && row.at(tag) <= ours.at(tag)) {
    usable = row;
    return true;
  }
  if (!pending_row_) {
    pending_row_ = row;
    pending_number_ = number;
  }
  refresh(tag, ours);
  return true;
}

bool group_member::refresh(member_tag tag, const vector_clock& ours) {
  bool any = false;
  while (pending_row_ && pending_row_->at(tag) <= ours.at(tag)) {
    usable = std::move(*pending_row_);
    pending_row_.reset();
    any = true;
    if (row_number <= pending_number_) break;
    pending_row_ = row;
    pending_number_ = row_number;
  }
  return any;
}

member_standing group_member::standing() const noexcept {
  if (left) return member_standing::left;
  if (down_since) return member_standing::down;
  if (parked || shed) return member_standing::parked;
  return activated ? member_standing::active : member_standing::joining;
}

bool group_member::counts_for_stability(instant now, duration horizon) const noexcept {
  if (left || parked || shed) return false;
  if (!down_since) return true;
  if (planted(planted_bug::dead_leave_stability)) return false;
  return now - *down_since <= horizon;
}

void group_member::forget(member_tag tag) {
  row.erase(tag);
  floor.erase(tag);
  floor_parts.erase(tag);
  usable.erase(tag);
  base.erase(tag);
  if (pending_row_) pending_row_->erase(tag);
}

}  // namespace causerie::protocol::causal
