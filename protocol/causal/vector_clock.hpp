// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <vector>

#include "protocol/ids.hpp"
#include "protocol/wire/codec.hpp"

namespace causerie::protocol::causal {

/// "The first `number` messages of `tag`."
struct clock_entry {
  member_tag tag{};
  sequence number = 0;
  friend auto operator<=>(const clock_entry&, const clock_entry&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, clock_entry& x) {
  return f(x.tag, x.number);
}

/// How many messages of each member: a set of messages that holds, with each message, all earlier
/// ones of its sender. Fidge 1988, Mattern 1989. A tag that is not there counts as zero.
///
/// A clock is *causally closed* when it holds, with each message, everything that happened before
/// it. The join and the meet of closed clocks are closed; raising a single entry is not, in
/// general. A sorted vector: groups are small, and walking two clocks side by side is the common
/// operation.
class vector_clock {
public:
  vector_clock() = default;
  vector_clock(std::initializer_list<clock_entry> entries);

  [[nodiscard]] sequence at(member_tag tag) const noexcept;
  [[nodiscard]] bool contains(member_tag tag) const noexcept;
  /// Sets the entry to at least `number`. True when that changed it.
  bool raise(member_tag tag, sequence number);
  /// Sets the entry; zero removes it.
  void set(member_tag tag, sequence number);
  void erase(member_tag tag);
  void clear() noexcept { entries_.clear(); }
  /// Adds the next entry of a clock that is built in order. Precondition: `tag` is above all
  /// others.
  void append(member_tag tag, sequence number) {
    if (number != 0) entries_.push_back({tag, number});
  }
  void reserve(std::size_t entries) { entries_.reserve(entries); }

  /// Union: entry by entry the larger. True when that changed this clock.
  bool join(const vector_clock& other);
  /// Intersection: entry by entry the smaller.
  void meet(const vector_clock& other);
  /// Whether every entry of `other` is at most ours.
  [[nodiscard]] bool covers(const vector_clock& other) const noexcept;

  [[nodiscard]] const std::vector<clock_entry>& entries() const noexcept { return entries_; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  /// Messages held in all.
  [[nodiscard]] std::uint64_t total() const noexcept;
  /// Whether entries read from the wire are in order, without zeros and doubles.
  [[nodiscard]] bool canonical() const noexcept;

  friend bool operator==(const vector_clock&, const vector_clock&) = default;

  /// More entries than any correct group has (members and those not yet retired: 4 x 256).
  static constexpr std::size_t entries_max = 1024;

private:
  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, vector_clock& x) {
    return f(wire::limited(x.entries_, entries_max));
  }

  /// The first entry whose tag is not below `tag`.
  [[nodiscard]] std::size_t position(member_tag tag) const noexcept;

  std::vector<clock_entry> entries_;  // Ascending by tag, no zeros.
};

/// Looks entries up in the ascending order of their tags: one walk instead of a search for each.
/// The clock must outlive the walk and not change meanwhile.
class clock_walk {
public:
  explicit clock_walk(const vector_clock& over) noexcept
      : at_{over.entries().data()}, end_{at_ + over.size()} {}
  /// Precondition: `tag` is not below the one asked for before.
  [[nodiscard]] sequence at(member_tag tag) noexcept {
    while (at_ != end_ && at_->tag < tag) ++at_;
    return at_ != end_ && at_->tag == tag ? at_->number : 0;
  }

private:
  const clock_entry* at_;
  const clock_entry* end_;
};

}  // namespace causerie::protocol::causal
