// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>

#include "apps/causerie/cli/settings.hpp"

namespace causerie::apps {

/// `$XDG_CONFIG_HOME/causerie`, else `~/.config/causerie`.
[[nodiscard]] std::filesystem::path config_folder(const settings::environment& variables);
/// `$XDG_STATE_HOME/causerie`, else `~/.local/state/causerie`.
[[nodiscard]] std::filesystem::path state_folder(const settings::environment& variables);
/// `$XDG_RUNTIME_DIR/causerie`, else `/tmp/causerie-UID`. Not created here.
[[nodiscard]] std::filesystem::path runtime_folder(const settings::environment& variables);

/// Makes the runtime folder (mode 0700) if need be. Throws app_error: exit 77 when it belongs to
/// another user or others may enter it (somebody else could pose as our nodes), 73 when it cannot
/// be made.
void prepare_runtime_folder(const std::filesystem::path& folder);

}  // namespace causerie::apps
