// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "actors/node_context.hpp"

namespace causerie::actors {

/// Runs the links: opens what the network brought and hands each frame to whom it concerns; seals
/// what the others send. Takes whole batches and sends whole batches.
[[nodiscard]] courier_actor spawn_courier(const node_handle& node);

}  // namespace causerie::actors
