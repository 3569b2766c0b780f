// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/causerie/chaos/toml_keys.hpp"

namespace causerie::apps {

/// Every verb that a step may have, in the order of `step_verb`.
[[nodiscard]] const std::vector<std::string_view>& verb_names();
/// The actors of a node as scenarios call them; `supervisor` is the guardian.
[[nodiscard]] const std::vector<std::string_view>& actor_names();

/// Reads one `[[step]]`; `scenario` has its head already, and the steps before this one.
[[nodiscard]] chaos_step read_step(const chaos_scenario& scenario, const toml::table& table);

/// A node by its name; `known`: how many there are.
[[nodiscard]] std::uint32_t node_of(const toml_value& from, std::string_view name,
                                    std::uint32_t known);

/// `loss`, `delay`, ... of a table into faults.
void read_weather(toml_keys& keys, net::link_faults& weather);

}  // namespace causerie::apps
