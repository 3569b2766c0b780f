// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "actors/node_context.hpp"

namespace causerie::actors {

/// Runs all private channels of a node; names beginning with '~' carry what groups say to each
/// other and go to the orderers, all others to the private port.
[[nodiscard]] channels_actor spawn_channels(const node_handle& node);

}  // namespace causerie::actors
