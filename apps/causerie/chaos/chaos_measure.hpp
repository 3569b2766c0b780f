// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/causerie/chaos/chaos_record.hpp"
#include "apps/checker/checker.hpp"

namespace causerie::apps {

/// What became of one step.
struct step_measure {
  bool happened = false;  ///< There is evidence that the fault was real.
  std::string evidence;   ///< In words.
  /// Of whoever was taken away: how soon the first other saw it dead, and the last one, if all did.
  std::optional<duration> detected_first, detected_last;
  std::size_t noticed = 0, observers = 0;
  /// Until whoever it hit was whole again: an actor's node heard something, a node was a member,
  /// two sides saw each other. The slowest; none where there was nothing to repair.
  std::optional<duration> repaired;
  bool unrepaired = false;
};

/// What a record shows, in the same way whichever world it comes from.
struct chaos_measures {
  std::vector<step_measure> steps;
  std::int64_t calm_ns = 0;  ///< When the last fault ended or happened.
  /// From the calm until everything said before it was everywhere, and until everybody who runs saw
  /// all others who run, and nobody else. None: never.
  std::optional<duration> all_heard, all_seen;
  std::size_t members = 0;  ///< That everybody sees at the end; 0: they differ.
  std::vector<std::string> false_deaths;
  std::uint64_t restarts_unasked = 0;
  checker::verdict judged;

  [[nodiscard]] std::optional<duration> converged() const {
    if (!all_heard || !all_seen) return std::nullopt;
    return std::max(*all_heard, *all_seen);
  }
};

[[nodiscard]] chaos_measures measure(const chaos_scenario& scenario, const chaos_schedule& schedule,
                                     const chaos_record& record);

}  // namespace causerie::apps
