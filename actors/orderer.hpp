// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "actors/node_context.hpp"

namespace causerie::actors {

/// Runs one causal group: bundles and rows in, deliveries in causal order out to the group's port.
[[nodiscard]] orderer_actor spawn_orderer(const node_handle& node,
                                          const std::shared_ptr<group_room>& room);

}  // namespace causerie::actors
