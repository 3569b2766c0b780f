// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/chaos_schedule.hpp"

#include <algorithm>

#include "apps/causerie/chaos/chaos_file.hpp"
#include "apps/causerie/cli/app_error.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using namespace std::chrono_literals;

namespace {

chaos_scenario scenario_with(const std::string& steps, int seed = 1) {
  return read_scenario(
      "s.toml", "nodes = 6\nduration = \"30s\"\nseed = " + std::to_string(seed) + "\n" + steps);
}

std::vector<causerie::simulation::fault> faults_of(const std::string& steps, int seed = 1) {
  return schedule_of(scenario_with(steps, seed)).faults;
}

std::string step(const std::string& at, const std::string& rest) {
  return "[[step]]\nat = \"" + at + "\"\n" + rest + "\n";
}

constexpr std::int64_t s = 1'000'000'000;

}  // namespace

TEST_CASE("the same seed draws the same victims, another one others", "[apps][chaos]") {
  const auto storm = step("1s", "kill = \"any/any\"\ntimes = 50\nevery = \"100ms\"");
  const auto victims = [&](int seed) {
    std::vector<std::pair<std::uint32_t, int>> all;
    for (const auto& fault : faults_of(storm, seed))
      all.emplace_back(fault.node, static_cast<int>(fault.which));
    return all;
  };
  CHECK(victims(1).size() == 50);
  CHECK(victims(1) == victims(1));
  CHECK(victims(1) != victims(2));
}

TEST_CASE("a partition is paths, and ends where it says", "[apps][chaos]") {
  const auto faults = faults_of(
      step("2s", "partition = \"halves\"\nsides = [[\"n1\"], [\"n2\", \"n3\"]]\nfor = \"5s\""));
  REQUIRE(faults.size() == 2);
  CHECK(faults[0].what == fault_kind::cut);
  CHECK(faults[0].blocked == std::vector<std::uint64_t>{0b110, 0b001, 0b001, 0, 0, 0});
  CHECK(faults[1].what == fault_kind::mend);
  CHECK(faults[1].at_ns == 7 * s);
  CHECK(faults[1].blocked == faults[0].blocked);
  const auto one_way = faults_of(step("2s", "partition = \"one-way\"\nnode = \"n2\""));
  REQUIRE(one_way.size() == 1);  // The end of the day heals it.
  CHECK(one_way[0].blocked == std::vector<std::uint64_t>{0, 0b111101, 0, 0, 0, 0});
  const auto bridge = faults_of(step("2s", "partition = \"bridge\"\nnode = \"n6\""));
  for (const auto row : bridge[0].blocked) CHECK((row >> 5 & 1) == 0);
  CHECK(bridge[0].blocked[5] == 0);
  CHECK(faults_of(step("2s", "partition = \"flapping\"\nperiod = \"1s\"\nfor = \"5s\"")).size() ==
        10);
}

TEST_CASE("random halves are halves", "[apps][chaos]") {
  for (int seed = 1; seed <= 20; ++seed) {
    const auto cut = faults_of(step("2s", "partition = \"halves\""), seed).front();
    for (const auto row : cut.blocked) CHECK(__builtin_popcountll(row) == 3);
  }
}

TEST_CASE("spells of weather add up, and end one by one", "[apps][chaos]") {
  const auto faults =
      faults_of("[network]\nloss = 0.1\n" + step("2s", "loss = 0.5\nfor = \"10s\"") +
                step("4s", "delay = \"20ms\"\nfrom = \"n1\"\nfor = \"2s\""));
  REQUIRE(faults.size() == 4);
  CHECK(faults[0].weather.loss == Approx(0.55));
  CHECK(faults[1].weather.loss == Approx(0.55));
  CHECK(faults[1].weather.delay == 20ms);
  CHECK(faults[1].blocked == std::vector<std::uint64_t>{0b111110, 0, 0, 0, 0, 0});
  CHECK(faults[2].weather.delay == 0ms);
  CHECK(faults[2].at_ns == 6 * s);
  CHECK(faults[3].weather.loss == Approx(0.1));
}

TEST_CASE("a heal ends what goes on, and nothing ends twice", "[apps][chaos]") {
  const auto faults =
      faults_of(step("2s", "partition = \"halves\"") + step("3s", "pause = \"n2\"") +
                step("3s", "loss = 0.5") + step("8s", "heal = \"all\""));
  REQUIRE(faults.size() == 4);
  CHECK(faults[1].lasts_ns == 5 * s);
  CHECK(faults[3].what == fault_kind::heal);
}

TEST_CASE("a hog is many short stops", "[apps][chaos]") {
  const auto faults = faults_of(step("2s", "cpu-hog = \"n3\"\nshare = 0.9\nfor = \"1s\""));
  REQUIRE(faults.size() == 10);
  for (const auto& fault : faults) CHECK(fault.lasts_ns == 90'000'000);
}

TEST_CASE("a restart of all kills all and starts all", "[apps][chaos]") {
  const auto faults = faults_of(step("2s", "restart = \"all\"\ndown = \"1s\""));
  REQUIRE(faults.size() == 12);
  CHECK(std::ranges::count(faults, fault_kind::kill, &causerie::simulation::fault::what) == 6);
  CHECK(faults.back().what == fault_kind::start);
  CHECK(faults.back().at_ns == 3 * s);
}

TEST_CASE("what makes no sense when it comes is refused at its place", "[apps][chaos]") {
  const auto error_of = [](const std::string& steps) {
    try {
      (void)faults_of(steps);
    } catch (const app_error& error) {
      return error.message;
    }
    return std::string{"no error"};
  };
  CHECK(error_of(step("2s", "start = \"n2\"")) ==
        "s.toml:5:6: start n2: n2 runs already at that time");
  CHECK(error_of(step("2s", "kill = \"n2\"") + step("3s", "pause = \"n2\"")) ==
        "s.toml:8:6: pause n2: n2 does not run at that time");
  CHECK(error_of(step("2s", "kill = \"n2\"\nback-after = \"2s\"") + step("5s", "kill = \"n2\"")) ==
        "no error");
}
