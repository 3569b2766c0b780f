// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "apps/causerie/chaos/chaos_scenario.hpp"

namespace causerie::apps {

/// Reads a scenario. Throws app_error (exit 78) at the first mistake: `FILE:LINE:COLUMN: why`, what
/// is known in its place, and the nearest name. What passes can be played, as far as the world that
/// plays it can do what it asks for.
[[nodiscard]] chaos_scenario read_scenario(const std::string& file, std::string_view text);

/// The same from a file; unreadable is an error too.
[[nodiscard]] chaos_scenario read_scenario(const std::filesystem::path& file);

}  // namespace causerie::apps
