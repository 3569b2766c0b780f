// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/verbs/scenario_file.hpp"

#include <fstream>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/private_folder.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using namespace std::chrono_literals;

namespace {
std::string error_of(const std::string& text) {
  const private_folder place;
  const auto file = (place.path() / "day.toml").string();
  std::ofstream{file} << text;
  try {
    (void)scenario_of(file);
  } catch (const app_error& error) {
    return error.message.substr(file.size()) + " | " + error.hint;
  }
  return "no error";
}
}  // namespace

TEST_CASE("a scenario file changes what it names", "[apps][sim]") {
  const private_folder place;
  const auto file = (place.path() / "day.toml").string();
  std::ofstream{file} << "name = \"windy\"\nnodes-max = 5\nloss-max = 0.2\nchaos-max = \"30s\"\n"
                         "history-recent = false\n";
  const auto today = scenario_of(file);
  CHECK(today.nodes_max == 5);
  CHECK(today.loss_max == Approx(0.2));
  CHECK(today.chaos_max == 30s);
  CHECK_FALSE(today.history_recent);
  CHECK(today.name == file);  // So that the replay command finds it.
  CHECK(scenario_of("").name == "standard");
}

TEST_CASE("a mistake in a scenario file is named at its place", "[apps][sim]") {
  CHECK(error_of("los-max = 0.2\n") == ":1:1: unknown key 'los-max' | did you mean 'loss-max'?");
  CHECK(error_of("\nchaos-max = 30\n") ==
        ":2:1: chaos-max: not a duration | say for example \"200ms\"");
  CHECK(error_of("nodes-max = -1\n") == ":1:1: nodes-max: not a whole number | ");
  CHECK_THROWS_AS(scenario_of("no-such-scenario"), app_error);
}
