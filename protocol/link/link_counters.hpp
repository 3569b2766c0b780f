// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace causerie::protocol {

/// What a link_set has seen since it was made. Every drop has a cause of its own.
struct link_counters {
  std::uint64_t datagrams_in = 0, datagrams_out = 0, bytes_in = 0, bytes_out = 0;
  std::uint64_t packets_lost = 0, probe_timeouts = 0, frames_resent = 0;
  std::uint64_t dropped_malformed = 0, dropped_version = 0, dropped_cluster = 0,
                dropped_replayed = 0, dropped_unknown_session = 0, dropped_stale_epoch = 0,
                dropped_oversized = 0, dropped_half_open_full = 0, dropped_optimistic_ack = 0,
                dropped_misdirected = 0;  ///< A hello for another node, or our own come back.
  std::uint64_t handshakes_begun = 0, handshakes_done = 0, would_block = 0;
  // The rarer ways: what a search for trouble wants to have seen.
  std::uint64_t hellos_repeated = 0, hellos_crossed = 0, peers_reborn = 0, stalls = 0, strays = 0,
                closed_by_peer = 0;
};

}  // namespace causerie::protocol
