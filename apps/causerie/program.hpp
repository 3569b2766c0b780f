// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <vector>

#include "apps/causerie/cli/exit_code.hpp"
#include "apps/causerie/cli/settings.hpp"

namespace causerie::apps {

/// The whole program, but for the process around it. Every error ends here, in its text (or JSON)
/// on standard error and its exit status; nothing is thrown.
[[nodiscard]] exit_code run_program(const std::vector<std::string>& words,
                                    const settings::environment& variables);

}  // namespace causerie::apps
