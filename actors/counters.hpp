// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "actors/messages.hpp"
#include "protocol/causal/group_counters.hpp"
#include "protocol/channel/channel_counters.hpp"
#include "protocol/link/link_counters.hpp"
#include "protocol/membership/membership_counters.hpp"

namespace causerie::actors {

/// A machine's counters by name, for `causerie status` and for metrics.
[[nodiscard]] counter_list counters_of(const protocol::link_counters& x);
[[nodiscard]] counter_list counters_of(const protocol::group_counters& x);
[[nodiscard]] counter_list counters_of(const protocol::channel_counters& x);
[[nodiscard]] counter_list counters_of(const protocol::membership_counters& x);

}  // namespace causerie::actors
