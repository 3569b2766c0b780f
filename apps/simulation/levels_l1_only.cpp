// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/levels.hpp"

namespace causerie::simulation {

node_factory make_level(int) { return {}; }

}  // namespace causerie::simulation
