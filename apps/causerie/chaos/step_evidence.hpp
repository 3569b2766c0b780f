// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "apps/causerie/chaos/chaos_measure.hpp"

namespace causerie::apps {

/// Whether a step's faults really happened, by their effects: processes that ended, actors that
/// were restarted, datagrams that were lost, clocks that others saw wrong. Sets `happened`,
/// `evidence`.
void take_evidence(step_measure& measured, const chaos_step& step, std::size_t number,
                   const chaos_record& record);

}  // namespace causerie::apps
