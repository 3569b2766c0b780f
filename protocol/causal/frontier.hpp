// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "protocol/causal/vector_clock.hpp"

namespace causerie::protocol::causal {

/// The delivered messages that no delivered message depends on: what the next message of this node
/// has to name as its causes. Everything else is covered by what is named, or by the sender's
/// message before. Usually nought to two entries, whatever the size of the group.
///
/// Prakash, Raynal, Singhal, "An adaptive causal ordering algorithm suited to mobile computing
/// environments", JPDC 41, 1997 (immediate predecessors).
class frontier {
public:
  /// `tag` delivered up to `number`, a message that names `causes`.
  void on_delivered(member_tag tag, sequence number, const std::vector<clock_entry>& causes);
  /// This node's own message, which named everything there was.
  void on_sent(member_tag self, sequence number);
  /// The delivered clock rose by a whole cut; `raised`: the entries that changed.
  void on_raised(const std::vector<clock_entry>& raised);
  void forget(member_tag tag) { latest_.erase(tag); }
  void clear() noexcept { latest_.clear(); }

  /// The causes to name, at most `entries_max` of them. Removes what it returns: the message that
  /// names them takes their place.
  [[nodiscard]] std::vector<clock_entry> take(member_tag self, std::size_t entries_max);

  [[nodiscard]] const vector_clock& latest() const noexcept { return latest_; }

private:
  vector_clock latest_;
};

}  // namespace causerie::protocol::causal
