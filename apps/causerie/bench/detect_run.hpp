// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <filesystem>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "apps/causerie/cli/console.hpp"
#include "apps/causerie/cli/units.hpp"
#include "apps/causerie/control/control_client.hpp"
#include "apps/causerie/demo/child_process.hpp"
#include "protocol/random.hpp"

namespace causerie::apps {

struct detect_options {
  std::uint64_t nodes = 10;
  std::uint64_t kills = 20;  ///< SIGKILL, the host refuses what is sent there.
  std::uint64_t stops = 5;   ///< SIGSTOP, nothing answers.
  duration idle{};           ///< How long the idle cluster is looked at.
  std::string profile = "any";
  duration ping_interval{};  ///< The profile's, unless it was asked for.
};

/// How soon a loss was noticed, by the first and by the last survivor.
struct detect_times {
  std::vector<duration> first, last;
};

struct detect_figures {
  double bytes_a_second = 0, packets_a_second = 0;  ///< UDP payload that an idle member sends.
  double cpu_share = 0, cpu_share_max = 0;          ///< Of one processor: mean, and the busiest.
  detect_times killed, stopped;
  std::uint64_t unnoticed = 0;     ///< Losses that somebody did not see within a minute.
  std::uint64_t falsely_dead = 0;  ///< Times that a survivor held a running member dead.
};

/// Node processes with settings as they come; one at a time is killed or stopped, and the others
/// are watched.
class detect_run {
public:
  detect_run(console& terminal, detect_options options, std::filesystem::path folder);

  /// Throws app_error when the processes do not come up.
  [[nodiscard]] detect_figures measure();

private:
  using clock = std::chrono::steady_clock;
  struct member {
    std::string name;
    child_process child;
    std::string address, socket;
    std::optional<control_client> events;
  };
  struct usage {
    double bytes = 0, packets = 0, cpu_s = 0;
  };

  void start_one();
  void await_ready(member& one);
  void await_complete();
  [[nodiscard]] nlohmann::json ask(const member& one, const char* what) const;
  [[nodiscard]] usage usage_of(const member& one) const;
  void measure_idle();
  [[nodiscard]] member& draw();
  void kill_one();
  void stop_one();
  /// Watches until all others hold the victim dead; adds to `times`.
  void watch(const std::string& victim, clock::time_point since, detect_times& times);
  /// The members that somebody has newly found dead: (observer, found dead).
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> take_deaths(duration patience);
  void pause(duration span);

  console& terminal_;
  detect_options options_;
  std::filesystem::path folder_;
  std::list<member> members_;
  std::uint64_t started_ = 0;
  protocol::random_source random_{1};
  std::string victim_;
  detect_figures figures_;
};

/// The value that `share` of them do not exceed; zero when there are none.
[[nodiscard]] duration quantile(std::vector<duration> values, double share);

}  // namespace causerie::apps
