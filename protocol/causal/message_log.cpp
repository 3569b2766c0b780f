// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/message_log.hpp"

#include <algorithm>

#include "protocol/assert.hpp"

namespace causerie::protocol::causal {
namespace {

/// The first bundle whose last number is above `number`.
template <class Bundles>
auto above(Bundles& bundles, sequence number) {
  return std::upper_bound(
      bundles.begin(), bundles.end(), number,
      [](sequence key, const message_log::held& bundle) { return key < bundle.last; });
}

}  // namespace

bool message_log::insert(member_tag tag, held bundle) {
  auto& shelf = shelves_[tag];
  const auto at = above(shelf.bundles, bundle.first - 1);
  if (at != shelf.bundles.end() && at->first <= bundle.last) return false;
  const auto size = bundle.body.size();
  bytes_ += size;
  if (bundle.last > shelf.live) {
    shelf.above_live += size;
    above_live_ += size;
  }
  if (bundle.last > shelf.stable) {
    shelf.above_stable += size;
    above_stable_ += size;
  }
  shelf.bundles.insert(at, std::move(bundle));
  return true;
}

void message_log::discount(sender_shelf& from, const held& bundle) {
  const auto size = bundle.body.size();
  bytes_ -= size;
  if (bundle.last > from.live) {
    from.above_live -= size;
    above_live_ -= size;
  }
  if (bundle.last > from.stable) {
    from.above_stable -= size;
    above_stable_ -= size;
  }
}

void message_log::remove(member_tag tag, sequence first) {
  const auto found = shelves_.find(tag);
  if (found == shelves_.end()) return;
  auto& bundles = found->second.bundles;
  const auto at = above(bundles, first);
  const auto match = at != bundles.end() && at->first == first                ? at
                     : at != bundles.begin() && std::prev(at)->first == first ? std::prev(at)
                                                                              : bundles.end();
  if (match == bundles.end()) return;
  discount(found->second, *match);
  bundles.erase(match);
}

void message_log::remove_all(member_tag tag) {
  const auto found = shelves_.find(tag);
  if (found == shelves_.end()) return;
  for (const auto& bundle : found->second.bundles) discount(found->second, bundle);
  shelves_.erase(found);
}

void message_log::forget(const vector_clock& floor) {
  for (const auto& entry : floor.entries()) {
    const auto found = shelves_.find(entry.tag);
    if (found == shelves_.end()) continue;
    auto& bundles = found->second.bundles;
    while (!bundles.empty() && bundles.front().last <= entry.number) {
      discount(found->second, bundles.front());
      bundles.pop_front();
    }
  }
}

void message_log::clear() { *this = message_log{}; }

void message_log::move_mark(const sender_shelf& of, sequence& mark, sequence to,
                            std::size_t& above_mark, std::size_t& total) {
  if (to == mark) return;
  const auto low = std::min(mark, to), high = std::max(mark, to);
  std::size_t between = 0;
  for (auto at = above(of.bundles, low); at != of.bundles.end() && at->last <= high; ++at)
    between += at->body.size();
  if (to > mark) {
    above_mark -= between;
    total -= between;
  } else {
    above_mark += between;
    total += between;
  }
  mark = to;
}

void message_log::mark_live(const vector_clock& live) {
  clock_walk marks{live};
  for (auto& [tag, shelf] : shelves_)
    move_mark(shelf, shelf.live, marks.at(tag), shelf.above_live, above_live_);
}

void message_log::mark_stable(const vector_clock& stable) {
  clock_walk marks{stable};
  for (auto& [tag, shelf] : shelves_)
    move_mark(shelf, shelf.stable, marks.at(tag), shelf.above_stable, above_stable_);
}

const message_log::held* message_log::at_or_after(member_tag tag, sequence number) const {
  const auto found = shelves_.find(tag);
  if (found == shelves_.end()) return nullptr;
  const auto at = above(found->second.bundles, number - 1);
  return at == found->second.bundles.end() ? nullptr : &*at;
}

std::size_t message_log::bytes_above_live(member_tag tag) const {
  const auto found = shelves_.find(tag);
  return found == shelves_.end() ? 0 : found->second.above_live;
}

void message_log::audit() const {
  std::size_t bytes = 0, live = 0, stable = 0;
  for (const auto& [tag, shelf] : shelves_) {
    std::size_t shelf_live = 0, shelf_stable = 0;
    sequence last = 0;
    for (const auto& bundle : shelf.bundles) {
      CAUSERIE_ASSERT(bundle.first > last && bundle.last >= bundle.first);
      last = bundle.last;
      bytes += bundle.body.size();
      if (bundle.last > shelf.live) shelf_live += bundle.body.size();
      if (bundle.last > shelf.stable) shelf_stable += bundle.body.size();
    }
    CAUSERIE_ASSERT(shelf_live == shelf.above_live && shelf_stable == shelf.above_stable);
    live += shelf_live;
    stable += shelf_stable;
  }
  CAUSERIE_ASSERT(bytes == bytes_ && live == above_live_ && stable == above_stable_);
}

}  // namespace causerie::protocol::causal
