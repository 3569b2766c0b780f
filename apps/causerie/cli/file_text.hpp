// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace causerie::apps {

/// All of a file; none when it is missing, may not be read, or is a folder. (A folder opens like a
/// file; taken for an empty one, it would pass for a configuration without settings.)
[[nodiscard]] std::optional<std::string> file_text(const std::filesystem::path& path);

}  // namespace causerie::apps
