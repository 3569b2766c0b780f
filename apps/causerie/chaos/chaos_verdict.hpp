// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "apps/causerie/chaos/chaos_measure.hpp"

namespace causerie::apps {

/// One expectation, held against what was measured.
struct judged_expect {
  std::string check, bound, measured;
  bool held = false;
};

/// How a run went, in one world.
struct chaos_verdict {
  std::string world;
  chaos_measures measures;
  std::vector<judged_expect> expects;  ///< In the order of the file, then what every run must show.
  std::vector<std::string> wrong;      ///< In words, for people.

  [[nodiscard]] bool holds() const;
};

/// Besides the scenario's own expectations every run must show that its faults happened, that
/// something was said, and that it ended in order: a verdict over nothing proves nothing.
[[nodiscard]] chaos_verdict judge(const chaos_scenario& scenario, const chaos_schedule& schedule,
                                  const chaos_record& record);

/// `5.41s / 5.43s`: the first and the last to notice; `-`: nobody could, or did.
[[nodiscard]] std::string detected_text(const step_measure& measured);
[[nodiscard]] std::string repaired_text(const step_measure& measured);

/// The same table for one world or for two: a row per step, then a row per expectation.
[[nodiscard]] std::string verdict_text(const chaos_scenario& scenario,
                                       const std::vector<chaos_verdict>& verdicts, bool bold);
/// Schema `causerie.chaos/1`.
[[nodiscard]] nlohmann::json verdict_json(const chaos_scenario& scenario,
                                          const std::vector<chaos_verdict>& verdicts);

}  // namespace causerie::apps
