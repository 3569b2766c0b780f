// SPDX-License-Identifier: BSL-1.0
#include <cstdlib>
#include <iostream>
#include <string>

#include "apps/simulation/search.hpp"
#include "tests/catch.hpp"

using namespace causerie::simulation;

namespace {

search_result search_days(const scenario& today, std::uint64_t count) {
  const char* given = std::getenv("CAUSERIE_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  auto found = search(today, first, given != nullptr ? 1 : count, {.jobs = 2});
  for (const auto& failed : found.failed) {
    std::cout << failed.replay << "\n";
    for (const auto& words : failed.violations) std::cout << "  " << words << "\n";
  }
  return found;
}

}  // namespace

TEST_CASE("sixty standard days keep every promise", "[simulation][l1]") {
  const auto found = search_days(scenario{}, 60);
  CHECK(found.failed.empty());
  CHECK(found.vacuous <= found.seeds / 10);
}

TEST_CASE("durable processes that are killed all the time keep every promise", "[simulation][l1]") {
  const auto found = search_days(*scenario_named("journal-kills"), 20);
  CHECK(found.failed.empty());
  CHECK(found.sometimes.at("resumed from a journal") >= 10 * found.seeds);
  CHECK(found.sometimes.at("commit interrupted") >= found.seeds);
}
