// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/levels.hpp"

#include <utility>

#include "apps/simulation/l2_node.hpp"

namespace causerie::simulation {

node_factory make_level(int level) {
  if (level != 2) return {};
  return [](node_environment environment) {
    return std::make_unique<l2_node>(std::move(environment));
  };
}

}  // namespace causerie::simulation
