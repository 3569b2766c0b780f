// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "apps/causerie/chaos/chaos_record.hpp"

namespace causerie::apps {

/// Plays scenarios with the shipped actors on virtual time, in one thread. The same scenario gives
/// the same record, to the last event.
class sim_stage final : public chaos_stage {
public:
  [[nodiscard]] chaos_record play(const chaos_scenario& scenario,
                                  const chaos_schedule& schedule) override;
};

}  // namespace causerie::apps
