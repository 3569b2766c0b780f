// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>

#include "apps/causerie/chaos/chaos_record.hpp"
#include "apps/causerie/cli/console.hpp"

namespace causerie::apps {

/// Plays scenarios with real processes on this machine, without root: each node injects the faults
/// into its own datagrams, processes are killed by SIGKILL and stopped by SIGSTOP. Every wait has a
/// deadline; Ctrl-C ends all processes.
class live_stage final : public chaos_stage {
public:
  /// `folder`: histories and logs, new or empty. `runtime`: a private runtime folder, with a short
  /// path.
  live_stage(console& terminal, std::filesystem::path folder, std::filesystem::path runtime)
      : terminal_{terminal}, folder_{std::move(folder)}, runtime_{std::move(runtime)} {}

  [[nodiscard]] chaos_record play(const chaos_scenario& scenario,
                                  const chaos_schedule& schedule) override;

private:
  console& terminal_;
  std::filesystem::path folder_, runtime_;
};

}  // namespace causerie::apps
