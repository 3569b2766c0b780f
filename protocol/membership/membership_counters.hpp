// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace causerie::protocol {

struct membership_counters {
  std::uint64_t packets_in = 0, packets_out = 0, records_merged = 0, suspicions = 0,
                refutations = 0, deaths = 0, deaths_refused = 0, push_pulls = 0;
  std::uint64_t dropped_malformed = 0, dropped_version = 0, dropped_cluster = 0,
                dropped_table_full = 0, dropped_stale_epoch = 0, dropped_over_budget = 0;
  // The rarer ways: what a search for trouble wants to have seen.
  std::uint64_t confirmations = 0, reprieves = 0, dead_visited = 0, returned = 0, pauses = 0;
  std::uint64_t seeds_visited = 0;
};

}  // namespace causerie::protocol
