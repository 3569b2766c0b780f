// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace causerie::protocol {

/// What a group has done since it was made, and how full its bounded places are.
struct group_counters {
  std::uint64_t sent = 0, delivered = 0, duplicates = 0, repaired = 0, requests_sent = 0,
                requests_answered = 0, rows_sent = 0, rows_received = 0, gaps = 0, parked = 0,
                retired = 0, unretired = 0, would_block = 0;
  std::uint64_t dropped_malformed = 0, dropped_window = 0, dropped_pending_full = 0,
                dropped_unknown_member = 0, dropped_not_member = 0;
  // The rarer ways: what a search for trouble wants to have seen.
  std::uint64_t repaired_by_others = 0, floors_told = 0, floors_sought = 0, cuts_adopted = 0,
                rows_missed = 0, bundles_filled = 0, split = 0, put_aside = 0, taken_from_aside = 0,
                founded = 0, founded_again = 0, resumed = 0, merged = 0, met = 0, joined_anew = 0,
                sponsors_changed = 0, joins_refused = 0, joins_begun_again = 0,
                activated_above_cut = 0, shed = 0, returned = 0, superseded = 0,
                invited_elsewhere = 0, recognised = 0, retire_denied = 0, came_and_went = 0,
                history_trimmed = 0, history_cut = 0, left_unheard = 0;
  std::uint64_t held_bytes = 0, pending_bytes = 0, pending_messages = 0, stream_events = 0,
                stream_bytes = 0, clock_entries = 0;
};

}  // namespace causerie::protocol
