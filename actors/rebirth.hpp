// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>

#include "actors/node_context.hpp"

namespace causerie::actors {

/// Gives a node whose machine broke another life in the same process: a new boot epoch, and every
/// machine new. To others it is a process that died and came back, which is what they know best.
/// Its applications keep their ports: volatile groups go on behind a declared gap, durable ones
/// where the journal ends, and what was under way in private has an unknown outcome.
///
/// No actor of the node but its guardian may run meanwhile. Waits for the disk. The answer: why it
/// cannot be done, if so.
[[nodiscard]] std::optional<node_failure> begin_new_life(node_context& node, protocol::instant at);

}  // namespace causerie::actors
