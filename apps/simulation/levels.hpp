// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "apps/simulation/world.hpp"

namespace causerie::simulation {

/// How nodes of another level than the first are made; empty for levels this program lacks. The
/// search for planted bugs is built without actors.
[[nodiscard]] node_factory make_level(int level);

}  // namespace causerie::simulation
