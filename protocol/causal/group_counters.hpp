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
  std::uint64_t held_bytes = 0, pending_bytes = 0, pending_messages = 0, stream_events = 0,
                stream_bytes = 0, clock_entries = 0;
};

}  // namespace causerie::protocol
