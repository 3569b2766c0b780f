// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "apps/causerie/demo/demo_run.hpp"
#include "apps/checker/checker.hpp"

namespace causerie::apps {

/// What the histories of a run say, by the same checker that judges the simulator's runs.
struct demo_verdict {
  checker::verdict judged;
  std::vector<recovery> recovered;      ///< From the deaths of actors, by kind.
  std::vector<std::string> complaints;  ///< The director's, and about what proves nothing.

  [[nodiscard]] bool holds() const { return judged.holds() && complaints.empty(); }
};
[[nodiscard]] demo_verdict judge(const demo_run& run);

/// One row per node, for people.
[[nodiscard]] std::string table_text(const demo_run& run, const demo_verdict& verdict, bool bold);
/// One row per kind of actor that was killed; empty when none was.
[[nodiscard]] std::string recovery_text(const demo_verdict& verdict, bool bold);
/// Schema `causerie.demo/1`.
[[nodiscard]] nlohmann::json demo_json(const demo_run& run, const demo_options& options,
                                       const demo_verdict& verdict);

}  // namespace causerie::apps
