// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

#include "apps/simulation/scenario.hpp"

namespace causerie::apps {

/// The scenario that `text` means: a built-in one by name, else a TOML file whose keys are the
/// members of simulation::scenario with dashes (`loss-max = 0.2`, `chaos-max = "40s"`); what a file
/// does not say is as in the standard scenario. Throws app_error: no such scenario (exit 2),
/// an unknown key or a bad value with its place (exit 78).
[[nodiscard]] simulation::scenario scenario_of(const std::string& text);

}  // namespace causerie::apps
