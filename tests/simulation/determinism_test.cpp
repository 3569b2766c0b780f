// SPDX-License-Identifier: BSL-1.0
#include <string>

#include "apps/simulation/run_seed.hpp"
#include "apps/simulation/search.hpp"
#include "tests/catch.hpp"

using namespace causerie::simulation;

namespace {

std::string lived(std::uint64_t seed, seed_result& result) {
  std::string lines;
  result =
      run_seed(scenario{}, seed, {.trace_sink = [&](std::string_view line) { lines += line; }});
  return lines;
}

}  // namespace

TEST_CASE("the same seed gives the same day, byte for byte", "[simulation][determinism]") {
  for (const std::uint64_t seed : {3, 4, 8}) {
    seed_result first, second;
    const auto lines = lived(seed, first);
    CHECK(lines == lived(seed, second));
    CHECK(first.trace_hash == second.trace_hash);
    CHECK(first.trace_events > 1000);
    CHECK(lines.find("\"what\":\"deliver\"") != std::string::npos);
  }
}

TEST_CASE("two seeds give two days", "[simulation][determinism]") {
  CHECK(run_seed(scenario{}, 1).trace_hash != run_seed(scenario{}, 3).trace_hash);
}

TEST_CASE("a trace sink changes nothing", "[simulation][determinism]") {
  seed_result traced;
  (void)lived(3, traced);
  CHECK(run_seed(scenario{}, 3).trace_hash == traced.trace_hash);
}

TEST_CASE("threads do not touch each other's days", "[simulation][determinism]") {
  const auto alone = run_seed(scenario{}, 3);
  bool same = false;
  search_options how{.jobs = 2, .repeat_every = 1};
  how.progress = [&](const seed_result& day) {
    if (day.seed == 3) same = day.trace_hash == alone.trace_hash;
  };
  CHECK(search(scenario{}, 1, 4, how).failed.empty());
  CHECK(same);
}

TEST_CASE("a calm day injects nothing and so counts for nothing", "[simulation]") {
  const auto day = run_seed(*scenario_named("calm"), 1);
  CHECK(day.violations.empty());
  CHECK(day.delivered > delivered_min);
  CHECK(day.faults == 0);
  CHECK(day.vacuous);
}
