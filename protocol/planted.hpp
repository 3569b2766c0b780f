// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace causerie::protocol {

/// Bugs that the simulator must be able to find: each is a rule of the protocol left out. They
/// exist only in programs built with CAUSERIE_PLANTED (the mutation test); elsewhere `planted` is
/// a constant false and the compiler removes every trace.
enum class planted_bug : std::uint8_t {
  none,
  join_adopts_delivered_vector,  ///< Joiner takes the sponsor's vector, not a stable cut.
  dead_leave_stability,        ///< The dead leave S at once, and activation asks for the ADD alone.
  gap_raises_single_entry,     ///< A skip raises one clock entry instead of a closed cut.
  gap_not_declared,            ///< A skip without its event.
  no_duplicate_check,          ///< A message seen already is delivered again.
  dependencies_ignored,        ///< Delivery in FIFO order only.
  frontier_forgets,            ///< A sender leaves out one of its immediate predecessors.
  founding_not_merged,         ///< Two foundings of one group stay strangers.
  repair_asks_origin_only,     ///< Nobody but the sender is ever asked for a missing message.
  cursor_skips,                ///< After a restart the stream goes on one event too far.
  history_trimmed_above_cut,   ///< The log forgets messages that are not stable yet.
  channel_trusts_link_ack,     ///< A frame acked by the link counts as taken by the peer's machine.
  channel_no_duplicate_check,  ///< A private message seen already is delivered again.
  channel_outcome_on_ack,      ///< DELIVERED is said before the peer's application committed.
  channel_out_of_order,        ///< A private message overtakes the one before.
  epoch_reused,                ///< A restarted node comes back under its old epoch.
};
inline constexpr int planted_bug_count = static_cast<int>(planted_bug::epoch_reused);

#ifdef CAUSERIE_PLANTED
inline thread_local planted_bug planted_now = planted_bug::none;
[[nodiscard]] inline bool planted(planted_bug bug) noexcept { return planted_now == bug; }
#else
[[nodiscard]] constexpr bool planted(planted_bug) noexcept { return false; }
#endif

}  // namespace causerie::protocol
