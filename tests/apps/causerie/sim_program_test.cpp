// SPDX-License-Identifier: BSL-1.0
#include <filesystem>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "tests/apps/program_runner.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using nlohmann::json;

namespace {

/// One day's trace, as the program wrote it.
std::string trace_of(const program_home& home, const std::string& level) {
  const auto path = (home.folder() / "trace").string();
  std::filesystem::remove(path);
  const auto lived =
      home.run({"sim", "run", "--seed", "5", "--level", level, "--trace", path, "--json"});
  REQUIRE(lived.status == 0);
  CHECK(json::parse(lived.out)["schema"] == "causerie.sim-run/1");
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

}  // namespace

TEST_CASE("one seed writes the same trace every time", "[apps][program][sim]") {
  const program_home home{CAUSERIE_PROGRAM};
  for (const auto* level : {"1", "2"}) {
    const auto once = trace_of(home, level);
    REQUIRE(once.size() > 100'000);
    CHECK((once == trace_of(home, level)));  // In brackets: nobody wants megabytes on a screen.
    CHECK(json::parse(once.substr(0, once.find('\n'))).contains("what"));
  }
}

TEST_CASE("a search answers with what it found and how to see it again", "[apps][program][sim]") {
  const program_home home{CAUSERIE_PROGRAM};
  const auto result = home.run({"sim", "search", "--seeds", "3", "--first-seed", "7", "--json"});
  REQUIRE(result.status == 0);
  const auto found = json::parse(result.out);
  CHECK(found["schema"] == "causerie.sim-search/1");
  CHECK(found["seeds"] == 3);
  CHECK(found["first_seed"] == 7);
  CHECK(found["level"] == 1);
  CHECK(found["failed"] == json::array());
  CHECK(found["sometimes"].size() >= 40);
  CHECK(found["sometimes"]["message repaired"] > 0);
  for (const auto* figure :
       {"vacuous", "delivered", "faults", "faults_median", "actor_kills", "actor_kills_median",
        "virtual_s", "wall_s", "converged_p50_s", "converged_p99_s", "converged_max_s",
        "seeds_per_second", "times_real_time"})
    CHECK(found[figure].is_number());
}

TEST_CASE("a search that misses what it must have seen says so", "[apps][program][sim]") {
  const program_home home{CAUSERIE_PROGRAM};
  const auto calm = home.run({"sim", "search", "calm", "--seeds", "1", "--require-sometimes", "1"});
  CHECK(calm.status == 1);
  CHECK(calm.out.find("never: process killed\n") != std::string::npos);
  CHECK(calm.err.find("'process killed' was not reached 1 times: what follows from it is "
                      "untested\n") != std::string::npos);
}

TEST_CASE("a day that is kept by name is lived by its name", "[apps][program][sim]") {
  const program_home home{CAUSERIE_PROGRAM};
  const auto listed = home.run({"sim", "run", "--named", "list", "--json"});
  REQUIRE(listed.status == 0);
  const auto all = json::parse(listed.out);
  CHECK(all["schema"] == "causerie.sim-named/1");
  REQUIRE(all["days"].size() >= 10);
  const auto kept = all["days"][0];
  const auto name = kept["name"].get<std::string>();
  const auto lived = home.run({"sim", "run", "--named", name, "--json"});
  REQUIRE(lived.status == 0);
  const auto day = json::parse(lived.out);
  CHECK(day["seed"] == kept["seed"]);
  CHECK(day["sometimes"][kept["point"].get<std::string>()] > 0);
  const auto shown = home.run({"sim", "run", "--named", "list"});
  CHECK(shown.out.find(name) != std::string::npos);

  const auto misspelt = home.run({"sim", "run", "--named", name + "x"});
  CHECK(misspelt.status == 2);
  CHECK(misspelt.err ==
        "error: --named: no day is called '" + name + "x'\n  hint: did you mean '" + name + "'?\n");
  const auto twice = home.run({"sim", "run", "--named", name, "--seed", "3"});
  CHECK(twice.status == 2);
  CHECK(twice.err.ends_with("hint: leave out --seed\n"));
  CHECK(home.run({"sim", "search", "--named", name}).status == 2);
}

TEST_CASE("what cannot be simulated is said in one line and a hint", "[apps][program][sim]") {
  const program_home home{CAUSERIE_PROGRAM};
  for (const auto* verb : {"run", "search"}) {
    const auto level = home.run({"sim", verb, "--level", "3"});
    CHECK(level.status == 2);
    CHECK(level.err ==
          "error: --level: there is no level 3\n"
          "  hint: 1 simulates the machines alone, 2 the shipped actors\n");
  }
  CHECK(home.run({"sim", "run", "--level", "18446744073709551617"}).status == 2);
  CHECK(home.run({"sim", "serch"}).status == 2);
  const auto scenario = home.run({"sim", "run", "stromy"});
  CHECK(scenario.status == 2);
  CHECK(scenario.err ==
        "error: no scenario and no file is called 'stromy'\n"
        "  hint: built in: standard, ten-talkers, calm, breakdowns, journal-kills, hostile, "
        "crowded\n");
  const auto only = home.run({"sim", "run", "--only", "knots=3"});
  CHECK(only.status == 2);
  CHECK(only.err ==
        "error: --only: nothing is called 'knots'\n"
        "  hint: --shrink prints such a word, e.g. nodes=0-2/faults=4/chaos=5200ms\n");
  const auto trace = home.run({"sim", "run", "calm", "--trace", "/nowhere/trace"});
  CHECK(trace.status == 73);
  CHECK(trace.err.starts_with("error: cannot write /nowhere/trace"));
}
