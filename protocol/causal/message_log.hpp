// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>
#include <map>

#include "protocol/bytes.hpp"
#include "protocol/causal/vector_clock.hpp"

namespace causerie::protocol::causal {

/// Every bundle that this node holds, delivered or waiting, own or others': what it can give to a
/// member that lacks it. Two cuts mark it: above the *live* one some live member may lack a message
/// (that is what send credit counts), above the *stable* one somebody who may come back does; what
/// is below is history and may be forgotten. Byte counts follow the marks incrementally.
class message_log {
public:
  struct held {
    sequence first = 0, last = 0;
    shared_bytes body;  ///< The frame's body, ready to be sent again.
  };

  /// False when it is held already.
  bool insert(member_tag tag, held bundle);
  void remove(member_tag tag, sequence first);
  /// Lets go of everything of a member that is gone for good.
  void remove_all(member_tag tag);
  /// Lets go of every bundle that `floor` covers whole.
  void forget(const vector_clock& floor);
  void clear();

  void mark_live(const vector_clock& live);
  void mark_stable(const vector_clock& stable);

  /// The held bundle that contains `number`, or the first one behind it; none: nullptr.
  [[nodiscard]] const held* at_or_after(member_tag tag, sequence number) const;
  /// Calls `visit(tag, held)` for every bundle, by sender and number.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (const auto& [tag, shelf] : shelves_)
      for (const auto& bundle : shelf.bundles) visit(tag, bundle);
  }

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t bytes_above_live() const noexcept { return above_live_; }
  [[nodiscard]] std::size_t bytes_above_stable() const noexcept { return above_stable_; }
  [[nodiscard]] std::size_t bytes_above_live(member_tag tag) const;
  /// Recounts everything. Throws `broken_invariant`.
  void audit() const;

private:
  struct sender_shelf {
    std::deque<held> bundles;  // Ascending, never overlapping.
    sequence live = 0, stable = 0;
    std::size_t above_live = 0, above_stable = 0;
  };
  using shelf_map = std::map<member_tag, sender_shelf>;

  static void move_mark(const sender_shelf& of, sequence& mark, sequence to, std::size_t& above,
                        std::size_t& total);
  void discount(sender_shelf& from, const held& bundle);

  shelf_map shelves_;
  std::size_t bytes_ = 0, above_live_ = 0, above_stable_ = 0;
};

}  // namespace causerie::protocol::causal
