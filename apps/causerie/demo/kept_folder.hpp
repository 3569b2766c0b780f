// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>

#include "apps/causerie/cli/invocation.hpp"

namespace causerie::apps {

/// Where a run's histories and logs go: the folder that `--keep` names, made if need be, or
/// `otherwise`. Throws app_error (exit 73) when it cannot be made or holds another run's.
[[nodiscard]] std::filesystem::path kept_folder(const invocation& run,
                                                const std::filesystem::path& otherwise);

}  // namespace causerie::apps
