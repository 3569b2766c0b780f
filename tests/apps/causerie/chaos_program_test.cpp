// SPDX-License-Identifier: BSL-1.0
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "tests/apps/program_runner.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using nlohmann::json;

namespace {

std::string written(const program_home& home, const std::string& name, const std::string& text) {
  const auto path = (home.folder() / name).string();
  std::ofstream{path} << text;
  return path;
}

std::string content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

/// A few seconds with something of every kind that a world can do.
constexpr const char* busy_day = R"(
nodes = 4
duration = "9s"
settle = "40s"
[network]
loss = 0.02
[[load]]
group = "room"
rate = "80/s"
[[load]]
to = "any"
rate = "20/s"
[[step]]
at = "1s"
kill = "n2/orderer"
[[step]]
at = "1500ms"
kill = "n3/supervisor"
[[step]]
at = "2s"
partition = "halves"
for = "1s"
[[step]]
at = "2s"
duplicate = 0.3
for = "2s"
[[step]]
at = "3500ms"
pause = "n4"
for = "500ms"
[[step]]
at = "4200ms"
reorder = 0.3
for = "1s"
[[step]]
at = "4500ms"
skew = "n1"
by = "-25s"
[[step]]
at = "5s"
restart = "n2"
down = "500ms"
[[step]]
at = "6s"
cpu-hog = "n3"
share = 0.8
for = "1s"
[[step]]
at = "6s"
slow-reader = "n1"
for = "1s"
[[step]]
at = "7s"
join = "n5"
[[expect]]
check = "no-loss"
[[expect]]
check = "no-gap"
[[expect]]
check = "no-duplicate"
[[expect]]
check = "causal-order"
[[expect]]
check = "fifo-order"
[[expect]]
check = "true-outcomes"
[[expect]]
check = "no-forgery"
[[expect]]
check = "members"
value = 5
within = "30s"
[[expect]]
check = "false-dead-at-most"
value = 0
)";

}  // namespace

TEST_CASE("one file, two worlds, one verdict", "[apps][program][chaos]") {
  const program_home home{CAUSERIE_PROGRAM};
  const auto file = written(home, "busy.toml", busy_day);
  const auto page = (home.folder() / "page.html").string();
  const auto report = (home.folder() / "report.json").string();
  const auto ran = home.run(
      {"chaos", "run", file, "--sim", "--live", "--json", "--page", page, "--report", report});
  INFO(ran.out << ran.err);
  REQUIRE(ran.status == 0);
  const auto verdict = json::parse(ran.out);
  CHECK(verdict["schema"] == "causerie.chaos/1");
  CHECK(verdict["holds"] == true);
  REQUIRE(verdict["worlds"].size() == 2);
  CHECK(verdict["worlds"][0]["world"] == "sim");
  CHECK(verdict["worlds"][1]["world"] == "live");
  for (const auto& world : verdict["worlds"]) {
    CAPTURE(world.dump());
    for (const auto& step : world["steps"]) CHECK(step["happened"] == true);
    for (const auto& expect : world["expect"]) CHECK(expect["held"] == true);
    CHECK(world["members"] == 5);
    CHECK(world["deliveries"] > 500);
  }
  CHECK(json::parse(content_of(report)) == verdict);
  const auto html = content_of(page);
  CHECK(html.starts_with("<!doctype html>"));
  for (const auto* part : {"busy: held", "With real processes", "<svg", "kill n2/orderer"})
    CHECK(html.find(part) != std::string::npos);
}

TEST_CASE("a scenario that does not hold ends with 1", "[apps][program][chaos]") {
  const program_home home{CAUSERIE_PROGRAM};
  const auto file = written(home, "harsh.toml",
                            "nodes = 3\nduration = \"2s\"\n[[load]]\nrate = \"50/s\"\n"
                            "[[expect]]\ncheck = \"delivered-at-least\"\nvalue = 1000000\n");
  const auto ran = home.run({"chaos", "run", file, "--sim"});
  CHECK(ran.status == 1);
  CHECK(ran.out.find("NOT held") != std::string::npos);
}

TEST_CASE("mistakes of a scenario, and of who asks for one, are said in three lines",
          "[apps][program][chaos]") {
  const program_home home{CAUSERIE_PROGRAM};
  const auto file = written(home, "bad.toml",
                            "nodes = 3\nduration = \"2s\"\n[[step]]\nat = \"1s\"\n"
                            "kill = \"n7\"\n");
  const auto checked = home.run({"chaos", "check", file});
  CHECK(checked.status == 78);
  CHECK(checked.err == "error: " + file +
                           ":5:8: unknown node 'n7'\n"
                           "  known: n1 to n3\n"
                           "  hint: did you mean 'n1'?\n");
  const auto as_json = home.run({"chaos", "check", file, "--json"});
  const auto error = json::parse(as_json.err);
  CHECK(error["code"] == "bad-scenario");
  CHECK(error["details"]["line"] == "5");
  const auto unknown = home.run({"chaos", "run", "halvs", "--sim"});
  CHECK(unknown.status == 2);
  CHECK(unknown.err ==
        "error: no file and no scenario is called 'halvs'\n  hint: did you mean 'halves'?\n");
  CHECK(home.run({"chaos", "run", "halves"}).status == 2);
  CHECK(home.run({"chaos", "run"}).status == 2);
  const auto listed = json::parse(home.run({"chaos", "list", "--json"}).out);
  CHECK(listed["schema"] == "causerie.chaos-list/1");
  CHECK(listed["scenarios"].size() >= 15);
  CHECK(json::parse(home.run({"chaos", "check", "halves", "--json"}).out)["schema"] ==
        "causerie.chaos-check/1");
}
