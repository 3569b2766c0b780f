// SPDX-License-Identifier: BSL-1.0
#include "tests/bench/soak_ledger.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "tests/catch.hpp"

using namespace causerie::bench;

namespace {

/// A file that is not there yet, and goes with the scope.
struct ledger_file {
  std::filesystem::path path = std::filesystem::temp_directory_path() /
                               ("causerie-soak-" + std::to_string(::getpid()) + ".jsonl");
  ~ledger_file() { std::filesystem::remove(path); }
};

soak_figures slice_of(const soak_place& where, double hours, std::vector<double> dead_after_s) {
  soak_figures slice;
  slice.where = where;
  slice.node_hours = slice.idle_hours = hours;
  slice.dead_after_s = std::move(dead_after_s);
  slice.packets = static_cast<std::uint64_t>(hours * 3600 * 2);
  return slice;
}

}  // namespace

TEST_CASE("slices add up, and are still there the next time", "[bench][soak_ledger]") {
  const ledger_file file;
  const soak_place ten{10, 0.2};
  {
    soak_ledger ledger{file.path};
    CHECK_FALSE(ledger.sum(ten));
    CHECK(ledger.next_seed(ten) == 1);
    ledger.add(slice_of(ten, 30, {5, 6}));
    ledger.add(slice_of({100, 0.2}, 1, {}));
  }
  soak_ledger again{file.path};
  CHECK(again.next_seed(ten) == 2);
  again.add(slice_of(ten, 10, {7}));
  const auto sum = again.sum(ten);
  REQUIRE(sum);
  CHECK(sum->node_hours == 40);
  CHECK(sum->crashes() == 3);
  CHECK(sum->dead_quantile_s(0.5) == 6);
  CHECK(sum->packets_per_s() == 2);
  CHECK(sum->where == ten);
}

TEST_CASE("the cell that lacks most comes next", "[bench][soak_ledger]") {
  const ledger_file file;
  soak_ledger ledger{file.path};
  const std::vector<soak_goal> goals{{{10, 0}, 100, 2}, {{100, 0}, 100, 0}};
  const auto next = [&] { return ledger.next(goals)->where.members; };
  CHECK(next() == 10);
  ledger.add(slice_of({10, 0}, 100, {5}));
  CHECK(next() == 100);
  ledger.add(slice_of({100, 0}, 90, {}));
  CHECK(next() == 10);  // Half of its crashes is less than nine tenths of the hours.
  ledger.add(slice_of({10, 0}, 0, {5}));
  CHECK(next() == 100);
  ledger.add(slice_of({100, 0}, 10, {}));
  CHECK_FALSE(ledger.next(goals));
}

TEST_CASE("a file that is no ledger is refused by line", "[bench][soak_ledger]") {
  const ledger_file file;
  std::ofstream{file.path} << "{\"schema\": \"another\"}\n";
  CHECK_THROWS_WITH(soak_ledger{file.path},
                    Catch::Matchers::StartsWith(file.path.string() + ":1: no slice of a soak"));
}

TEST_CASE("a load that grows with the cluster and a rig that is too kind are told",
          "[bench][soak_ledger]") {
  const ledger_file file;
  soak_ledger ledger{file.path};
  CHECK(ledger.missed_between().empty());
  ledger.add(slice_of({10, 0}, 1, {}));
  auto busy = slice_of({1000, 0}, 1, {});
  busy.packets = busy.packets * 13 / 10;
  ledger.add(busy);
  CHECK(ledger.missed_between().size() == 1);
  ledger.add(slice_of({100, 0, true, false}, 100, {}));
  auto plain = slice_of({100, 0, true, true}, 100, {});
  plain.false_dead = 4;
  ledger.add(plain);
  CHECK(ledger.missed_between().size() == 2);
  plain.false_dead = 40;
  ledger.add(plain);
  CHECK(ledger.missed_between().size() == 1);
}
