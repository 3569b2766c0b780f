// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "apps/causerie/cli/invocation.hpp"

namespace causerie::apps {

/// `causerie bench detect`. Exit 1 when a loss went unnoticed or a running member was held dead.
exit_code run_bench_detect(invocation& run);

}  // namespace causerie::apps
