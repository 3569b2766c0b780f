// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/vector_clock.hpp"

#include <algorithm>

namespace causerie::protocol::causal {
namespace {

template <class Entries>
auto position(Entries& entries, member_tag tag) noexcept {
  return std::lower_bound(entries.begin(), entries.end(), tag,
                          [](const clock_entry& entry, member_tag key) { return entry.tag < key; });
}

}  // namespace

vector_clock::vector_clock(std::initializer_list<clock_entry> entries) {
  for (const auto& entry : entries) raise(entry.tag, entry.number);
}

sequence vector_clock::at(member_tag tag) const noexcept {
  const auto found = position(entries_, tag);
  return found != entries_.end() && found->tag == tag ? found->number : 0;
}

bool vector_clock::contains(member_tag tag) const noexcept { return at(tag) != 0; }

bool vector_clock::raise(member_tag tag, sequence number) {
  if (number == 0) return false;
  const auto found = position(entries_, tag);
  if (found == entries_.end() || found->tag != tag) {
    entries_.insert(found, {tag, number});
    return true;
  }
  if (found->number >= number) return false;
  found->number = number;
  return true;
}

void vector_clock::set(member_tag tag, sequence number) {
  if (number == 0) return erase(tag);
  const auto found = position(entries_, tag);
  if (found == entries_.end() || found->tag != tag)
    entries_.insert(found, {tag, number});
  else
    found->number = number;
}

void vector_clock::erase(member_tag tag) {
  const auto found = position(entries_, tag);
  if (found != entries_.end() && found->tag == tag) entries_.erase(found);
}

bool vector_clock::join(const vector_clock& other) {
  bool changed = false;
  auto at = entries_.begin();
  for (const auto& entry : other.entries_) {
    while (at != entries_.end() && at->tag < entry.tag) ++at;
    if (at == entries_.end() || at->tag != entry.tag) {
      at = entries_.insert(at, entry);
      changed = true;
    } else if (at->number < entry.number) {
      at->number = entry.number;
      changed = true;
    }
  }
  return changed;
}

void vector_clock::meet(const vector_clock& other) {
  auto kept = entries_.begin();
  auto theirs = other.entries_.begin();
  for (const auto& entry : entries_) {
    while (theirs != other.entries_.end() && theirs->tag < entry.tag) ++theirs;
    if (theirs == other.entries_.end()) break;
    if (theirs->tag == entry.tag) *kept++ = {entry.tag, std::min(entry.number, theirs->number)};
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
