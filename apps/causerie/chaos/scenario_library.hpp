// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/causerie/chaos/chaos_scenario.hpp"

namespace causerie::apps {

/// Where the scenarios lie that come with the program: beside it, as it was built or installed.
[[nodiscard]] std::filesystem::path scenario_folder();

/// Names of the shipped scenarios, sorted.
[[nodiscard]] std::vector<std::string> shipped_scenarios();

/// A file, or a shipped scenario by its name. Throws app_error: exit 2 when there is neither, 78
/// when it is wrong.
[[nodiscard]] chaos_scenario find_scenario(const std::string& text);

}  // namespace causerie::apps
