// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/checker/history.hpp"

namespace causerie::checker {

/// What can be wrong with a run.
enum class violation_kind : std::uint8_t {
  missing,              ///< A survivor never saw a message owed to it, and no gap said so.
  doubled,              ///< A message was delivered twice in one membership.
  invented,             ///< Delivered, but nobody sent it.
  altered,              ///< Delivered with another payload, author or number than it was sent with.
  causal_inversion,     ///< An effect was delivered before its cause.
  causal_hole,          ///< An effect was delivered, its cause never, and no gap says so.
  late_gap,             ///< A gap covers a cause, but after the effect was delivered.
  delivered_after_gap,  ///< Declared lost, then delivered all the same.
  outside_membership,   ///< Delivered before `joined` or after `ended`.
  false_stable,         ///< Said to be held by a survivor who never saw it.
  fifo_inversion,       ///< A private message overtook an earlier one of its channel.
  private_missing,      ///< Between survivors, never delivered, and no outcome says so.
  private_doubled,
  private_invented,  ///< Delivered, but not sent, or not to this node.
  private_altered,
  false_delivered,  ///< The outcome says delivered; the peer's history does not.
  false_not_sent,   ///< The outcome says not_sent; the peer's history has it.
  outcome_doubled,  ///< Two outcomes for one message.
  outcome_missing,  ///< A survivor's private message without an outcome.
  id_reused,        ///< The application's fault: two sends under one id.
};
inline constexpr std::size_t violation_kind_count =
    static_cast<std::size_t>(violation_kind::id_reused) + 1;
[[nodiscard]] std::string_view name_of(violation_kind kind) noexcept;

struct violation {
  violation_kind kind{};
  std::string node;  ///< Who saw it.
  std::string text;  ///< In words, with message ids.
};

/// One node, all its lives and groups together.
struct node_row {
  std::string node;
  bool survivor = false;  ///< Its last life ends with `finish`.
  std::uint64_t lives = 0, actor_restarts = 0;
  std::uint64_t sent = 0, delivered = 0, missing = 0, doubled = 0;
  std::uint64_t causal_inversions = 0;  ///< Causal holes and late gaps count here too.
  std::uint64_t gaps = 0, messages_in_gaps = 0;
  std::uint64_t private_sent = 0, private_delivered = 0, private_missing = 0, private_doubled = 0;
  std::uint64_t fifo_inversions = 0;
  std::uint64_t outcomes_delivered = 0, outcomes_not_sent = 0, outcomes_unknown = 0,
                outcomes_missing = 0;
};

struct check_options {
  /// All histories take their times from one clock, so that "sent after I had joined" can be told
  /// by it. Without it a joiner is only owed what its own events cause.
  bool common_clock = true;
  std::size_t violations_listed_max = 50;
};

struct verdict {
  std::vector<node_row> rows;         ///< By name.
  std::vector<violation> violations;  ///< The first ones; `counts` has them all.
  std::array<std::uint64_t, violation_kind_count> counts{};
  std::uint64_t messages = 0, deliveries = 0, private_messages = 0, private_deliveries = 0,
                survivors = 0;

  [[nodiscard]] std::uint64_t count(violation_kind kind) const noexcept {
    return counts[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] bool holds() const noexcept;
};

/// Judges a run by what its applications saw. Happened-before (Lamport, CACM 21(7), 1978) is built
/// here from the send and deliver entries of each group, never from anything a protocol says.
///
/// A *participant* is one membership of one life of a node in a group: from `joined` to `ended` or
/// the end of its history. It *survives* when it has not ended and its history ends with `finish`.
/// A message is *owed* to participant q when it was sent by q, or after q had joined (by the common
/// clock), or happened after anything that q sent or delivered since it joined: a stream starts at
/// a causally closed cut, so what follows such a message cannot lie below the cut. (A second
/// `joined` without `ended` in between, as when two foundings of a group merge, begins anew.)
/// A message must reach everybody it is owed to among the survivors if its author survives, or any
/// survivor delivered it; a `gap` that covers it, before anything it caused, excuses.
///
/// O(entries x participants) time, O(messages x participants) memory.
[[nodiscard]] verdict check(std::span<const history> lives, const check_options& options = {});

}  // namespace causerie::checker
