// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "apps/simulation/run_seed.hpp"

namespace causerie::simulation {

struct shrink_state {
  const excerpt& smallest;  ///< So far.
  std::uint64_t tries = 0;
  duration worked{};
};

struct shrink_options {
  int level = 1;
  unsigned jobs = 1;  ///< Threads. Any number of them find the same.
  duration time_max = std::chrono::seconds{60};
  std::function<void(const shrink_state&)> progress;  ///< Called now and then, one call at a time.
  std::function<void()> on_thread;                    ///< On each worker thread, before it works.
};

struct shrink_result {
  std::string kind;  ///< Of the violation that was kept.
  excerpt from;      ///< All that the failing day had.
  seed_result day;   ///< The smallest day that fails that way; `day.lived` is what is left.
  std::uint64_t tries = 0;
  duration took{};
  bool finished = false;  ///< Nothing smaller was found; else the time was up.
  std::string replay;     ///< The one command that lives the small day again.
};

/// Makes a failed day small: fewer faults, nodes, kinds of weather and messages, and a shorter day,
/// as long as it breaks the same kind of promise (Zeller, Hildebrandt, "Simplifying and isolating
/// failure-inducing input", IEEE TSE 28(2), 2002). What is left out moves the course of all that is
/// left, so that each smaller day is tried with more than one luck. The same input gives the same
/// result, unless the time is up. `failed` has a violation.
[[nodiscard]] shrink_result shrink(const scenario& today, const seed_result& failed,
                                   const shrink_options& options = {});

}  // namespace causerie::simulation
