// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/session_table.hpp"

#include "protocol/assert.hpp"

namespace causerie::protocol {

session_index session_table::add(link& owner) {
  if (free_.empty()) {
    CAUSERIE_ASSERT(slots_.size() < 65'536);
    free_.push_back(static_cast<std::uint16_t>(slots_.size()));
    slots_.emplace_back();
  }
  const auto place = free_.back();
  free_.pop_back();
  const auto above = static_cast<session_index>(chance_.between(1, 65'535));
  slots_[place] = {(above << 16) | place, &owner};
  return slots_[place].index;
}

void session_table::remove(session_index index) {
  if (find(index) == nullptr) return;
  slots_[index & 0xffff] = {};
  free_.push_back(static_cast<std::uint16_t>(index & 0xffff));
}

link* session_table::find(session_index index) const noexcept {
  const std::size_t place = index & 0xffff;
  if (index == 0 || place >= slots_.size() || slots_[place].index != index) return nullptr;
  return slots_[place].owner;
}

}  // namespace causerie::protocol
