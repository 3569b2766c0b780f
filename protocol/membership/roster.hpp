// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "protocol/membership/member_view.hpp"
#include "protocol/random.hpp"

namespace causerie::protocol::swim {

struct member {
  member_view view;
  instant changed{};  ///< When `view.state` or the life became what it is.
  std::size_t live_index = std::numeric_limits<std::size_t>::max();  ///< The roster's own.
};

[[nodiscard]] constexpr bool is_live(member_state state) noexcept {
  return state == member_state::alive || state == member_state::suspect;
}

/// Everyone this node knows of, itself included: by id, with the live peers (alive or suspect,
/// without this node) in a list of their own to draw from, and the gone ones by age.
class roster {
public:
  /// Dead and departed members kept, so that a healed partition finds them again and an old
  /// record cannot raise them; beyond that the longest gone is forgotten.
  static constexpr std::size_t gone_max = 4096;
  static constexpr duration gone_memory = std::chrono::hours{24};

  /// `live_max`: live members at most, this node included.
  roster(member_view self, std::size_t live_max);

  [[nodiscard]] member& self() { return *self_; }
  [[nodiscard]] const member& self() const { return *self_; }
  [[nodiscard]] member* find(const node_id& node);
  [[nodiscard]] const member* find(const node_id& node) const;
  [[nodiscard]] const std::map<node_id, member>& all() const noexcept { return all_; }

  [[nodiscard]] const std::vector<node_id>& live_peers() const noexcept { return live_; }
  /// Live members with this node.
  [[nodiscard]] std::size_t live_count() const noexcept { return live_.size() + 1; }
  [[nodiscard]] bool full() const noexcept { return live_count() >= live_max_; }
  [[nodiscard]] std::size_t gone_count() const noexcept { return gone_.size(); }

  /// Precondition: unknown until now; not full when the state is live. Returns whom it forgot
  /// to make room among the gone.
  std::optional<node_id> add(member_view view, instant now);
  /// Precondition: not full when a gone one comes back. Returns whom it forgot, as `add`.
  std::optional<node_id> set_state(member& who, member_state state, instant now);
  /// Those gone for longer than `gone_memory`, now forgotten.
  std::vector<node_id> forget_old(instant now);

  /// Up to `count` different live peers at random.
  [[nodiscard]] std::vector<node_id> draw_live(std::size_t count, random_source& random) const;
  /// One who died less than `within` ago; they may be mistaken for dead and should hear of it.
  [[nodiscard]] std::optional<node_id> draw_recently_dead(duration within, instant now,
                                                          random_source& random) const;
  /// The dead (not those who left), one after the other. O(gone).
  [[nodiscard]] std::optional<node_id> next_dead();

  /// Throws broken_invariant when the lists disagree.
  void audit() const;

private:
  void enlist(member& who, instant now);
  void delist(member& who);
  std::optional<node_id> forget_surplus();

  std::map<node_id, member> all_;
  std::vector<node_id> live_;
  std::set<std::pair<instant, node_id>> gone_;
  std::pair<instant, node_id> visited_{};  // Of the dead, who was asked for last.
  member* self_;
  std::size_t live_max_;
};

}  // namespace causerie::protocol::swim
