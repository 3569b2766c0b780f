// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <list>
#include <string>

#include <nlohmann/json.hpp>

#include "apps/causerie/bench/latency_histogram.hpp"
#include "apps/causerie/cli/console.hpp"
#include "apps/causerie/demo/child_process.hpp"

namespace causerie::apps {

struct bench_options {
  bool group = true;  ///< Else a private channel between two.
  std::uint64_t nodes = 10;
  std::uint64_t size_bytes = 100;
  double rate = 200;  ///< Messages a second and member, when paced.
  duration length{};  ///< Of each phase.
  std::string sync;   ///< Of a durable group: normal or full; empty: a volatile one.
};

/// What all processes together did in one phase.
struct bench_figures {
  std::string phase;
  std::uint64_t sent = 0, delivered = 0, deliveries_expected = 0;
  double seconds = 0;             ///< From the first order until everything had been delivered.
  double cpu_seconds = 0;         ///< Of all processes.
  std::uint64_t rss_kib_max = 0;  ///< Of the largest process.
  latency_histogram latencies;
};

/// Runs node processes that send to each other as told, and adds up what they measured.
class bench_run {
public:
  bench_run(console& terminal, bench_options options, std::filesystem::path folder);

  /// Throws app_error when the processes do not come up, or when one ends early.
  [[nodiscard]] std::vector<bench_figures> measure();

private:
  using clock = std::chrono::steady_clock;
  struct member {
    std::string name;
    child_process child;
    std::string address;
    nlohmann::json last = nlohmann::json::object(), figures;
  };

  void start_all();
  void start_one(std::uint64_t index);
  [[nodiscard]] bench_figures run_phase(const std::string& name, const nlohmann::json& order,
                                        std::uint64_t senders, std::uint64_t receivers);
  void tell_all(const nlohmann::json& order);
  template <class Condition>
  bool wait_until(clock::time_point deadline, Condition done);
  [[nodiscard]] std::uint64_t sum(const char* key) const;

  console& terminal_;
  bench_options options_;
  std::filesystem::path folder_;
  std::list<member> members_;
};

}  // namespace causerie::apps
