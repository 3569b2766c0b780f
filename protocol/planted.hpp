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
  retire_unasked,              ///< The gone are retired though others lack their messages.
  frontier_not_restored,       ///< The first message of the next life depends on nothing.
  log_not_restored,            ///< The next life has not the messages that it says it has.
  members_not_kept,            ///< Only the first list of members is kept.
  durable_not_awaited,         ///< Sent, answered and delivered before it is kept.
  sync_not_awaited,            ///< The same before it is on a disk that may lose its power.
  stable_when_sent,            ///< A message is called stable when it has been sent.
  row_claims_known,            ///< A row claims all that is known to exist.
  channel_unknown_is_not_sent,  ///< What a dead peer may have is called not sent.
  channel_expired_is_not_sent,  ///< What has left and is late is called not sent.
  channel_answer_ignored,       ///< What the receiver lacks by its own word is not sent again.
  channel_commits_unread,       ///< What has arrived counts as read by the application.
  channel_hole_skipped,         ///< A receiver goes on behind a hole.
  no_refutation,                ///< Who is suspected says nothing.
  refutation_not_counted,       ///< A refutation bears the number of what it refutes.
  old_accusation_counts,        ///< An accusation of an earlier standing counts.
  dead_not_visited,             ///< Nobody writes to the dead, to learn whether they live.
  suspicion_never_ends,         ///< The suspected are never dead.
  journal_keeps_first,          ///< Of several batches in a commit the first alone is kept.
  outbox_not_restored,          ///< What a durable channel had still to send dies with the process.
  position_not_restored,        ///< A durable channel counts its messages from one again.
  receipt_not_kept,             ///< What the application has dealt with is not noted.
  durable_channel_renewed,  ///< A peer in its next life ends what a durable channel had to send.
  second_waiter_forgotten,  ///< Of those who wait for one message the first alone goes on.
  lives_confused,           ///< News of a member's next life counts as old.
};
inline constexpr int planted_bug_count = static_cast<int>(planted_bug::lives_confused);

#ifdef CAUSERIE_PLANTED
inline thread_local planted_bug planted_now = planted_bug::none;
[[nodiscard]] inline bool planted(planted_bug bug) noexcept { return planted_now == bug; }
#else
[[nodiscard]] constexpr bool planted(planted_bug) noexcept { return false; }
#endif

}  // namespace causerie::protocol
