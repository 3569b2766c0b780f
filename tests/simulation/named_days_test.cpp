// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/named_days.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "apps/simulation/run_seed.hpp"
#include "apps/simulation/sometimes.hpp"
#include "tests/catch.hpp"

using namespace causerie::simulation;

TEST_CASE("days that are kept by name keep every promise, and show what they are kept for",
          "[simulation][named]") {
  for (const auto& kept : named_days()) {
    INFO(kept.name << ": " << kept.why);
    const auto today = scenario_named(std::string{kept.scenario});
    REQUIRE(today);
    const auto day = run_seed(*today, kept.seed, {.level = kept.level, .trace_sink = {}});
    CHECK(day.violations == std::vector<std::string>{});
    INFO("reaches '" << kept.point << "' no more: find it another seed (a search with --json names "
                     << "the first that does, as reached_first)");
    CHECK(day.sometimes.contains(std::string{kept.point}));
  }
}

TEST_CASE("a day is found by its name", "[simulation][named]") {
  std::set<std::string_view> names;
  for (const auto& kept : named_days()) {
    CHECK(find_named_day(kept.name) == &kept);
    CHECK(names.insert(kept.name).second);
    const auto& points = sometimes_points(kept.level);
    CHECK(std::find(points.begin(), points.end(), kept.point) != points.end());
  }
  CHECK(named_day_names().size() == named_days().size());
  CHECK(find_named_day("no such day") == nullptr);
}
