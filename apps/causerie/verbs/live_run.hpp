// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "apps/causerie/cli/invocation.hpp"
#include "apps/trace/run.hpp"

namespace causerie::apps {

/// The run that this user's nodes are living now (or the one that --node names): what their event
/// feeds remember, and, of messages that somebody sent and somebody has not delivered, where they
/// are held up. Throws app_error when no node runs.
[[nodiscard]] trace::run live_run(const invocation& run);

}  // namespace causerie::apps
