// SPDX-License-Identifier: BSL-1.0
#include <nlohmann/json.hpp>

#include "tests/apps/program_runner.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using nlohmann::json;

namespace {

/// Figures of real processes: only what holds on the slowest machine is asked of them.
void check_times(const json& shown, std::size_t times) {
  CAPTURE(shown.dump());
  CHECK(shown["times"] == times);
  const auto seconds = [&](const char* name) { return shown[name].get<double>(); };
  CHECK(seconds("first_p50_s") > 0);
  CHECK(seconds("first_p50_s") <= seconds("first_p99_s"));
  CHECK(seconds("first_p50_s") <= seconds("last_p50_s"));
  CHECK(seconds("first_p99_s") <= seconds("last_p99_s"));
  CHECK(seconds("last_p99_s") < 60);
}

}  // namespace

TEST_CASE("a killed and a stopped process are noticed, and it is said how soon",
          "[apps][program][detect]") {
  const program_home home{CAUSERIE_PROGRAM};
  const auto shown = home.run({"bench", "detect", "--nodes", "4", "--kills", "2", "--stops", "1",
                               "--for", "1s", "--ping-interval", "100ms", "--json"});
  INFO(shown.out << shown.err);
  const auto report = json::parse(shown.out);
  CHECK(report["schema"] == "causerie.bench-detect/1");
  CHECK(report["nodes"] == 4);
  CHECK(report["unnoticed"] == 0);
  check_times(report["killed"], 2);
  check_times(report["stopped"], 1);
  // Nothing answers where a process only stands still, so that there is a wait for its word.
  CHECK(report["stopped"]["first_p50_s"].get<double>() > 0.4);
  CHECK(report["bytes_a_second"].get<double>() > report["packets_a_second"].get<double>());
  CHECK(report["packets_a_second"].get<double>() > 1);
  CHECK(report["cpu_share"].get<double>() > 0);
  CHECK(report["cpu_share"].get<double>() <= report["cpu_share_max"].get<double>());
  // On a machine that stands still now and then a survivor may be held dead: that is told.
  CHECK(shown.status == (report["falsely_dead"] == 0 ? 0 : 1));
}

TEST_CASE("flags of one kind of bench are refused by another", "[apps][program][detect]") {
  const program_home home{CAUSERIE_PROGRAM};
  const auto foreign = home.run({"bench", "detect", "--rate", "5"});
  CHECK(foreign.status == 2);
  CHECK(foreign.err.starts_with("error: --rate is not of 'bench detect'\n"));
  CHECK(home.run({"bench", "channel", "--nodes", "3"}).status == 2);
  CHECK(home.run({"bench", "detect", "--nodes", "2"}).status == 2);
  CHECK(home.run({"bench", "detect", "--ping-interval", "1ms"}).status == 2);
}

TEST_CASE("what a durable group costs can be measured", "[apps][program][bench]") {
  const program_home home{CAUSERIE_PROGRAM};
  const auto shown = home.run(
      {"bench", "group", "--nodes", "2", "--rate", "20", "--for", "300ms", "--durable", "--json"});
  REQUIRE(shown.status == 0);
  const auto report = json::parse(shown.out);
  CHECK(report["sync"] == "normal");
  REQUIRE(report["phases"].size() == 2);
  CHECK(report["phases"][0]["complete"] == true);
  CHECK(home.run({"bench", "group", "--sync", "full"}).status == 2);
  CHECK(home.run({"bench", "channel", "--durable"}).status == 2);
}
