// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace causerie::protocol {

struct channel_counters {
  std::uint64_t sent = 0, received = 0, outcomes_delivered = 0, outcomes_not_sent = 0,
                outcomes_unknown = 0, resumes = 0, resets = 0, ranges_resent = 0, would_block = 0;
  std::uint64_t dropped_malformed = 0, dropped_duplicate = 0, dropped_window = 0, dropped_stale = 0,
                rejected_busy = 0, rejected_too_large = 0;
  // The rarer ways: what a search for trouble wants to have seen.
  std::uint64_t lanes_blocked = 0, windows_reopened = 0, windows_grown = 0, kept_ahead = 0,
                rewinds = 0, withdrawn = 0, expired = 0;
  std::uint64_t queued_bytes = 0, buffered_bytes = 0, channels = 0;
};

}  // namespace causerie::protocol
