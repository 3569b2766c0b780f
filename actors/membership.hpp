// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "actors/node_context.hpp"

namespace causerie::actors {

/// Runs the member table; tells everybody who is up, and the orderers who is in their group.
[[nodiscard]] membership_actor spawn_membership(const node_handle& node);

}  // namespace causerie::actors
