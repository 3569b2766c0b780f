// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

#include "protocol/causal/group_counters.hpp"
#include "protocol/channel/channel_counters.hpp"
#include "protocol/link/link_counters.hpp"
#include "protocol/membership/membership_counters.hpp"

namespace causerie::simulation {

/// What a simulated journal has done; only level 1 counts it.
struct commit_counters {
  std::uint64_t slow = 0;         ///< Commits that took long: what came of their turns waited.
  std::uint64_t shared = 0;       ///< Of several turns at once.
  std::uint64_t interrupted = 0;  ///< The process died before what it had done was kept.
  std::uint64_t unsynced = 0;     ///< It died when that was written and not yet synced.
};

/// What the machines of one life of a node have counted.
struct node_counters {
  protocol::link_counters link;
  protocol::membership_counters membership;
  protocol::group_counters group;
  protocol::channel_counters channels;
  commit_counters commits;
};

}  // namespace causerie::simulation
