// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "apps/causerie/chaos/chaos_file.hpp"
#include "apps/causerie/chaos/chaos_verdict.hpp"
#include "apps/causerie/chaos/sim_stage.hpp"
#include "apps/causerie/cli/app_error.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;

namespace {

std::vector<std::filesystem::path> shipped() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{CAUSERIE_SCENARIOS})
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

chaos_verdict play(const chaos_scenario& scenario) {
  const auto schedule = schedule_of(scenario);
  sim_stage stage;
  return judge(scenario, schedule, stage.play(scenario, schedule));
}

const std::string small = "nodes = 3\nduration = \"5s\"\n[[load]]\nrate = \"50/s\"\n";

}  // namespace

TEST_CASE("every shipped scenario holds in simulation, and its faults happen",
          "[apps][chaos][sim]") {
  const auto files = shipped();
  REQUIRE(files.size() >= 15);
  for (const auto& file : files) {
    CAPTURE(file.stem().string());
    const auto scenario = read_scenario(file);
    const auto verdict = play(scenario);
    for (std::size_t step = 0; step < scenario.steps.size(); ++step) {
      CAPTURE(scenario.steps[step].text, verdict.measures.steps[step].evidence);
      CHECK(verdict.measures.steps[step].happened);
    }
    for (const auto& expect : verdict.expects) {
      CAPTURE(expect.check, expect.bound, expect.measured);
      CHECK(expect.held);
    }
    CHECK(verdict.measures.judged.deliveries > 1000);
  }
}

TEST_CASE("the evidence is not there when the faults are not", "[apps][chaos][sim]") {
  for (const auto& file : shipped()) {
    CAPTURE(file.stem().string());
    auto scenario = read_scenario(file);
    auto schedule = schedule_of(scenario);
    schedule.faults.clear();
    sim_stage stage;
    const auto verdict = judge(scenario, schedule, stage.play(scenario, schedule));
    for (const auto& measured : verdict.measures.steps) CHECK_FALSE(measured.happened);
    CHECK_FALSE(verdict.holds());
  }
}

TEST_CASE("the same scenario gives the same verdict, to the last figure", "[apps][chaos][sim]") {
  const auto scenario =
      read_scenario("s.toml", small +
                                  "[[step]]\nat = \"1s\"\nkill = \"any/any\"\ntimes = 20\n"
                                  "every = \"50ms\"\n[[step]]\nat = \"2s\"\nloss = 0.3\n");
  CHECK(verdict_json(scenario, {play(scenario)}) == verdict_json(scenario, {play(scenario)}));
}

TEST_CASE("a fault that cannot take is no proof", "[apps][chaos][sim]") {
  const auto verdict =
      play(read_scenario("s.toml", small + "[[step]]\nat = \"1s\"\npause = \"n2\"\nfor = \"2s\"\n"
                                           "[[step]]\nat = \"2s\"\nkill = \"n2/orderer\"\n"));
  CHECK(verdict.measures.steps[0].happened);
  CHECK_FALSE(verdict.measures.steps[1].happened);
  CHECK_FALSE(verdict.holds());
  REQUIRE_FALSE(verdict.wrong.empty());
  CHECK(verdict.wrong.back().starts_with("'kill n2/orderer' did not happen"));
}

TEST_CASE("an expectation that is too much to ask is not held", "[apps][chaos][sim]") {
  const auto verdict =
      play(read_scenario("s.toml",
                         "nodes = 3\nduration = \"20s\"\n[[load]]\nrate = \"50/s\"\n"
                         "[[step]]\nat = \"1s\"\nkill = \"n2\"\n"
                         "[[expect]]\ncheck = \"detected-within\"\nvalue = \"1us\"\n"
                         "[[expect]]\ncheck = \"members\"\nvalue = 3\nwithin = \"20s\"\n"
                         "[[expect]]\ncheck = \"delivered-at-least\"\nvalue = 1000000\n"
                         "[[expect]]\ncheck = \"no-loss\"\n"));
  CHECK_FALSE(verdict.expects[0].held);
  CHECK_FALSE(verdict.expects[1].held);
  CHECK_FALSE(verdict.expects[2].held);
  CHECK(verdict.expects[3].held);
  CHECK_FALSE(verdict.holds());
}

TEST_CASE("what a world cannot do is refused at its place", "[apps][chaos][sim]") {
  const auto error_of = [](const std::string& text) {
    try {
      (void)play(read_scenario("s.toml", small + text));
    } catch (const app_error& error) {
      CHECK(error.exit == exit_code::usage);
      CHECK(error.code == "cannot-do");
      return error.message;
    }
    return std::string{"no error"};
  };
  CHECK(error_of("[[expect]]\ncheck = \"memory-at-most\"\nvalue = \"1MiB\"\n") ==
        "s.toml:5:1: 'memory-at-most' cannot be had: simulated nodes share one process");
}

namespace {

const std::string durable =
    "nodes = 3\nduration = \"12s\"\ndurable = true\n[[load]]\nrate = \"60/s\"\n";

std::size_t entries_of(const chaos_record& record, const std::string& node,
                       causerie::checker::entry_kind kind) {
  std::size_t count = 0;
  for (const auto& life : record.lives)
    if (life.node == node)
      count += static_cast<std::size_t>(
          std::ranges::count(life.entries, kind, &causerie::checker::entry::kind));
  return count;
}

chaos_record record_of(const chaos_scenario& scenario) {
  sim_stage stage;
  return stage.play(scenario, schedule_of(scenario));
}

}  // namespace

TEST_CASE("a full disk refuses what is sent there, and nobody else's", "[apps][chaos][sim]") {
  const auto scenario = read_scenario(
      "s.toml", durable + "[[step]]\nat = \"2s\"\ndisk-full = \"n2\"\nfor = \"4s\"\n");
  const auto record = record_of(scenario);
  using enum causerie::checker::entry_kind;
  CHECK(entries_of(record, "n2", refused) > 40);
  CHECK(entries_of(record, "n1", refused) == 0);
  CHECK(entries_of(record, "n2", accepted) > 100);
  const auto verdict = judge(scenario, schedule_of(scenario), record);
  CAPTURE(verdict.measures.steps[0].evidence);
  CHECK(verdict.holds());
}

TEST_CASE("an fsync that fails ends a node, which comes back with all it acknowledged",
          "[apps][chaos][sim]") {
  const auto scenario = read_scenario("s.toml", durable +
                                                    "[[step]]\nat = \"2s\"\ndisk-fails = \"n2\"\n"
                                                    "back-after = \"3s\"\n");
  const auto record = record_of(scenario);
  REQUIRE_FALSE(record.disks.empty());
  CHECK(record.disks.back().what == ended_with_74);
  CHECK(entries_of(record, "n2", causerie::checker::entry_kind::resumed) == 1);
  const auto verdict = judge(scenario, schedule_of(scenario), record);
  CHECK(verdict.holds());
}

TEST_CASE("who does not withhold a message cannot say that it was named", "[apps][chaos][sim]") {
  const auto never = play(read_scenario(
      "s.toml", small + "[[step]]\nat = \"1s\"\nwithhold = \"n3\"\nmessage = \"n2:5000\"\n"
                        "for = \"3s\"\n[[expect]]\ncheck = \"why-names-it\"\n"));
  CHECK_FALSE(never.measures.steps[0].happened);
  CHECK_FALSE(never.expects[0].held);
}
