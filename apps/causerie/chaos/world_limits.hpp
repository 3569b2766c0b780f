// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apps/causerie/chaos/chaos_scenario.hpp"

namespace causerie::apps {

/// Throws app_error (exit 2) at the first step or expectation that cannot be had, and says where it
/// would be possible.
void refuse_in_simulation(const chaos_scenario& scenario);

/// What one node says a second, to the group or in private.
[[nodiscard]] double load_of(const chaos_scenario& scenario, std::uint32_t node, bool in_private);

/// 2 for `n3`.
[[nodiscard]] std::optional<std::uint32_t> node_named(const std::string& name);

}  // namespace causerie::apps
