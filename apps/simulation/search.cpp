// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

namespace causerie::simulation {
namespace {

template <class Value>
Value at_share(std::vector<Value>& values, double share) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  return values[static_cast<std::size_t>(share * last + 0.5)];
}

/// Adds days up; any thread.
class tally {
public:
  tally(const scenario& today, const search_options& options) : today_{today}, options_{options} {}

  void add(seed_result day) {
    std::lock_guard lock{mutex_};
    ++total_.seeds;
    total_.vacuous += day.vacuous ? 1 : 0;
    total_.delivered += day.delivered;
    total_.faults += day.faults;
    total_.actor_kills += day.actor_kills;
    total_.virtual_time += day.virtual_time;
    worked_ += day.processor_time;
    converged_.push_back(day.converged_after);
    faults_.push_back(day.faults);
    kills_.push_back(day.actor_kills);
    for (const auto& [name, count] : day.sometimes) {
      total_.sometimes[name] += count;
      auto& first = total_.reached_first.try_emplace(name, day.seed).first->second;
      first = std::min(first, day.seed);
    }
    if (!day.violations.empty())
      total_.failed.push_back(
          {day.seed, day.violations, replay_command(today_, day.seed, options_.level)});
    if (options_.progress) options_.progress(day);
  }
  [[nodiscard]] bool enough() {
    std::lock_guard lock{mutex_};
    return options_.failures_max != 0 && total_.failed.size() >= options_.failures_max;
  }
  [[nodiscard]] search_result finish(duration wall) {
    std::sort(total_.failed.begin(), total_.failed.end(),
              [](const auto& a, const auto& b) { return a.seed < b.seed; });
    total_.wall_time = wall;
    total_.converged_p50 = at_share(converged_, 0.5);
    total_.converged_p99 = at_share(converged_, 0.99);
    total_.converged_max = at_share(converged_, 1);
    total_.faults_median = at_share(faults_, 0.5);
    total_.actor_kills_median = at_share(kills_, 0.5);
    const auto seconds = std::chrono::duration<double>(wall).count();
    total_.seeds_per_second = static_cast<double>(total_.seeds) / std::max(seconds, 1e-9);
    total_.times_real_time = std::chrono::duration<double>(total_.virtual_time).count() /
                             std::max(std::chrono::duration<double>(worked_).count(), 1e-9);
    return std::move(total_);
  }

private:
  const scenario& today_;
  const search_options& options_;
  std::mutex mutex_;
  search_result total_;
  duration worked_{};
  std::vector<duration> converged_;
  std::vector<std::uint64_t> faults_, kills_;
};

seed_result live(const scenario& today, std::uint64_t seed, const search_options& options) {
  auto day = run_seed(today, seed, {.level = options.level, .trace_sink = {}});
  if (options.repeat_every == 0 || seed % options.repeat_every != 0) return day;
  const auto again = run_seed(today, seed, {.level = options.level, .trace_sink = {}});
  if (again.trace_hash != day.trace_hash || again.trace_events != day.trace_events)
    day.violations.push_back("the same seed gave another day");
  return day;
}

}  // namespace

std::string replay_command(const scenario& today, std::uint64_t seed, int level,
                           const excerpt& only) {
  const auto part = only.text();
  return fmt::format("causerie sim run{} --seed {} --level {}{}",
                     today.name == "standard" ? "" : " " + today.name, seed, level,
                     part.empty() ? "" : " --only " + part);
}

search_result search(const scenario& today, std::uint64_t first_seed, std::uint64_t count,
                     const search_options& options) {
  const auto began = std::chrono::steady_clock::now();
  tally days{today, options};
  std::atomic<std::uint64_t> next{0};
  const auto work = [&] {
    if (options.on_thread) options.on_thread();
    while (!days.enough()) {
      const auto mine = next.fetch_add(1);
      if (mine >= count) return;
      days.add(live(today, first_seed + mine, options));
    }
  };
  // A process of one thread counts references and takes memory without locking the bus.
  const bool alone = options.jobs <= 1 && !options.on_thread;
  std::vector<std::jthread> workers;
  if (alone) work();
  for (unsigned job = 0; !alone && job < std::max(1u, options.jobs); ++job)
    workers.emplace_back(work);
  workers.clear();  // Joins.
  return days.finish(std::chrono::steady_clock::now() - began);
}

}  // namespace causerie::simulation
