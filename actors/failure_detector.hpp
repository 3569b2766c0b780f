// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "actors/node_context.hpp"

namespace causerie::actors {

/// Runs the probes; tells membership what they showed.
[[nodiscard]] failure_detector_actor spawn_failure_detector(const node_handle& node);

}  // namespace causerie::actors
