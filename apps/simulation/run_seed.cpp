// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/run_seed.hpp"

#include <time.h>

#include <chrono>
#include <stdexcept>
#include <utility>

#include "apps/simulation/l1_node.hpp"
#include "apps/simulation/levels.hpp"
#include "apps/simulation/world.hpp"

namespace causerie::simulation {
namespace {

std::unique_ptr<sim_node> make_l1_node(node_environment environment) {
  return std::make_unique<l1_node>(std::move(environment));
}

/// What this thread has worked: other programs on the machine do not make a simulator slower.
duration processor_time() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return std::chrono::seconds{at.tv_sec} + std::chrono::nanoseconds{at.tv_nsec};
}

}  // namespace

seed_result run_seed(const scenario& today, std::uint64_t seed, const run_options& options) {
  const auto began = processor_time();
  auto factory = options.level == 1 ? node_factory{make_l1_node} : make_level(options.level);
  if (!factory) throw std::invalid_argument{"this program simulates no such level"};
  world place{today, seed, std::move(factory), options.trace_sink, options.only};
  place.run();
  auto result = place.result();
  result.processor_time = processor_time() - began;
  return result;
}

}  // namespace causerie::simulation
