// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>

#include "apps/causerie/cli/invocation.hpp"
#include "apps/causerie/control/control_client.hpp"

namespace causerie::apps {

/// How long this verb waits: --timeout or its setting.
[[nodiscard]] duration patience_of(const invocation& run);

/// Asks the chosen local node one thing.
[[nodiscard]] nlohmann::json ask_node(const invocation& run, nlohmann::json request);

/// Prints what the node answers, for people by `show`, which returns the closing remark. With
/// --watch again every second until Ctrl-C.
exit_code show_answer(invocation& run, const nlohmann::json& request,
                      const std::function<std::string(console&, const nlohmann::json&)>& show);

/// The flag that `show_answer` heeds.
[[nodiscard]] flag_spec watch_flag();

/// A text argument: itself, standard input for `-`, or the file of --file.
/// Throws app_error for a file that cannot be read, no text at all, or bytes that are not UTF-8.
[[nodiscard]] std::string text_argument(const invocation& run);

}  // namespace causerie::apps
