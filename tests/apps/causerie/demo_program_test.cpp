// SPDX-License-Identifier: BSL-1.0
#include <nlohmann/json.hpp>

#include "tests/apps/program_runner.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using nlohmann::json;

TEST_CASE("a small demo holds, and its table has zeros where it must", "[apps][program][demo]") {
  const program_home home{CAUSERIE_PROGRAM};
  const auto shown = home.run({"demo", "--nodes", "4", "--messages", "20", "--json"});
  INFO(shown.out << shown.err);
  REQUIRE(shown.status == 0);
  const auto report = json::parse(shown.out);
  CHECK(report["schema"] == "causerie.demo/1");
  CHECK(report["holds"] == true);
  CHECK(report["violations"].empty());
  CHECK(report["complaints"].empty());
  REQUIRE(report["nodes"].size() == 5);
  std::size_t survivors = 0, late = 0, restarted = 0;
  for (const auto& row : report["nodes"]) {
    CAPTURE(row.dump());
    for (const auto* must_be_zero : {"missing", "doubled", "causal_inversions", "gaps",
                                     "private_missing", "private_doubled", "fifo_inversions"})
      CHECK(row[must_be_zero] == 0);
    CHECK(row["outcomes"]["missing"] == 0);
    CHECK(row["delivered"] > 0);
    survivors += row["survivor"] == true ? 1 : 0;
    late += row["fate"] == "joined late" ? 1 : 0;
    restarted += row["restarts"] > 0 ? 1 : 0;
  }
  CHECK(survivors == 4);
  CHECK(late == 1);
  CHECK(restarted == 1);
}
