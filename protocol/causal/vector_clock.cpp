// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/vector_clock.hpp"

#include <algorithm>

namespace causerie::protocol::causal {

vector_clock::vector_clock(std::initializer_list<clock_entry> entries) {
  for (const auto& entry : entries) raise(entry.tag, entry.number);
}

/// Tags are as good as random, so a search that branched would guess wrong half the time: this one
/// compiles to conditional moves.
std::size_t vector_clock::position(member_tag tag) const noexcept {
  const auto* from = entries_.data();
  auto left = entries_.size();
  while (left > 1) {
    const auto half = left / 2;
    from += from[half - 1].tag < tag ? half : 0;
    left -= half;
  }
  const auto before = static_cast<std::size_t>(from - entries_.data());
  return left == 1 && from->tag < tag ? before + 1 : before;
}

sequence vector_clock::at(member_tag tag) const noexcept {
  const auto found = position(tag);
  return found != entries_.size() && entries_[found].tag == tag ? entries_[found].number : 0;
}

bool vector_clock::contains(member_tag tag) const noexcept { return at(tag) != 0; }

bool vector_clock::raise(member_tag tag, sequence number) {
  if (number == 0) return false;
  const auto found = position(tag);
  if (found == entries_.size() || entries_[found].tag != tag) {
    entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(found), {tag, number});
    return true;
  }
  if (entries_[found].number >= number) return false;
  entries_[found].number = number;
  return true;
}

void vector_clock::set(member_tag tag, sequence number) {
  if (number == 0) return erase(tag);
  const auto found = position(tag);
  if (found == entries_.size() || entries_[found].tag != tag)
    entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(found), {tag, number});
  else
    entries_[found].number = number;
}

void vector_clock::erase(member_tag tag) {
  const auto found = position(tag);
  if (found != entries_.size() && entries_[found].tag == tag)
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(found));
}

bool vector_clock::join(const vector_clock& other) {
  bool changed = false;
  auto at = entries_.begin();
  auto theirs = other.entries_.begin();
  // The clocks of one group mostly name the same members: as long as they do, nothing is searched.
  for (; at != entries_.end() && theirs != other.entries_.end() && at->tag == theirs->tag;
       ++at, ++theirs) {
    changed |= at->number < theirs->number;
    at->number = std::max(at->number, theirs->number);
  }
  for (; theirs != other.entries_.end(); ++theirs) {
    while (at != entries_.end() && at->tag < theirs->tag) ++at;
    if (at == entries_.end() || at->tag != theirs->tag) {
      at = entries_.insert(at, *theirs);
      changed = true;
    } else if (at->number < theirs->number) {
      at->number = theirs->number;
      changed = true;
    }
  }
  return changed;
}

void vector_clock::meet(const vector_clock& other) {
  auto kept = entries_.begin();
  auto theirs = other.entries_.begin();
  // As in `join`.
  for (; kept != entries_.end() && theirs != other.entries_.end() && kept->tag == theirs->tag;
       ++kept, ++theirs)
    kept->number = std::min(kept->number, theirs->number);
  for (auto at = kept; at != entries_.end(); ++at) {
    while (theirs != other.entries_.end() && theirs->tag < at->tag) ++theirs;
    if (theirs == other.entries_.end()) break;
    if (theirs->tag == at->tag) *kept++ = {at->tag, std::min(at->number, theirs->number)};
  }
  entries_.erase(kept, entries_.end());
}

bool vector_clock::covers(const vector_clock& other) const noexcept {
  auto at = entries_.begin();
  for (const auto& entry : other.entries_) {
    while (at != entries_.end() && at->tag < entry.tag) ++at;
    if (at == entries_.end() || at->tag != entry.tag || at->number < entry.number) return false;
  }
  return true;
}

std::uint64_t vector_clock::total() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& entry : entries_) sum += entry.number;
  return sum;
}

bool vector_clock::canonical() const noexcept {
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].number == 0 || (i > 0 && entries_[i - 1].tag >= entries_[i].tag)) return false;
  return true;
}

}  // namespace causerie::protocol::causal
