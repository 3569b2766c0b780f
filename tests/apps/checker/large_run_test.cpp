// SPDX-License-Identifier: BSL-1.0
#include <string>

#include "protocol/random.hpp"
#include "tests/apps/checker/sample_run.hpp"
#include "tests/catch.hpp"

using namespace causerie::checker;

TEST_CASE("a hundred thousand messages to ten nodes are judged in seconds", "[checker]") {
  constexpr std::size_t nodes = 10, each = 10'000;
  sample_run run;
  for (std::size_t i = 0; i < nodes; ++i) run.joined(run.begin("n" + std::to_string(i)));
  for (std::size_t k = 1; k <= each; ++k) {
    for (std::size_t i = 0; i < nodes; ++i)
      run.send(i, "n" + std::to_string(i) + ":" + std::to_string(k));
    for (std::size_t q = 0; q < nodes; ++q)
      for (std::size_t i = 0; i < nodes; ++i)
        run.deliver(q, "n" + std::to_string((i + q) % nodes) + ":" + std::to_string(k));
  }
  for (std::size_t i = 0; i < nodes; ++i) run.finish(i);
  auto judged = check(run.lives);
  CHECK(judged.holds());
  CHECK(judged.deliveries == nodes * nodes * each);

  // One message lost near the end must not drown among the million that arrived.
  auto& entries = run.lives[3].entries;
  entries.erase(entries.end() - 2);
  judged = check(run.lives);
  CHECK(only(judged, violation_kind::missing));
}
