// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/chaos_file.hpp"

#include "apps/causerie/chaos/scenario_steps.hpp"
#include "apps/causerie/cli/app_error.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using namespace std::chrono_literals;

namespace {

/// Line 1 to 3 of most scenarios here.
const std::string head = "nodes = 5\nduration = \"30s\"\nseed = 42\n";
const std::string kept = "durable = true\n";

chaos_scenario read(const std::string& text) { return read_scenario("s.toml", text); }

/// `message | because | hint`, without "s.toml".
std::string error_of(const std::string& text) {
  try {
    (void)read(text);
  } catch (const app_error& error) {
    CHECK(error.exit == exit_code::configuration);
    CHECK(error.code == "bad-scenario");
    REQUIRE(error.message.starts_with("s.toml:"));
    return error.message.substr(7) + " | " + error.because + " | " + error.hint;
  }
  return "no error";
}

chaos_step only_step(const std::string& lines) {
  const auto scenario = read(head + kept + "[[step]]\nat = \"10s\"\n" + lines);
  CHECK(scenario.durable);
  REQUIRE(scenario.steps.size() == 1);
  return scenario.steps.front();
}

}  // namespace

TEST_CASE("a scenario says what is said, what goes wrong and what must hold", "[apps][chaos]") {
  const auto scenario = read(head +
                             "name = \"router dies under load\"\n"
                             "[network]\nloss = 0.02\ndelay = \"5ms..40ms\"\n"
                             "[[load]]\nfrom = \"any\"\ngroup = \"room\"\nrate = \"200/s\"\n"
                             "[[load]]\nfrom = [\"n1\", \"n2\"]\nto = \"any\"\nrate = \"30/m\"\n"
                             "[[step]]\nat = \"18s\"\nheal = \"all\"\n"
                             "[[step]]\nat = \"10s\"\nkill = \"n3/groups/room\"\n"
                             "[[expect]]\ncheck = \"no-loss\"\n"
                             "[[expect]]\ncheck = \"members\"\nvalue = 5\nwithin = \"10s\"\n"
                             "[[expect]]\ncheck = \"memory-at-most\"\nvalue = \"64MiB\"\n");
  CHECK(scenario.name == "router dies under load");
  CHECK(scenario.nodes == 5);
  CHECK(scenario.seed == 42);
  CHECK(scenario.lasts == 30s);
  CHECK(scenario.group == "room");
  CHECK(scenario.network.loss == Approx(0.02));
  CHECK(scenario.network.delay == 5ms);
  CHECK(scenario.network.jitter == 35ms);
  REQUIRE(scenario.loads.size() == 2);
  CHECK(scenario.loads[0].from.empty());
  CHECK(scenario.loads[0].per_second == Approx(200));
  CHECK(scenario.loads[1].from == std::vector<std::uint32_t>{0, 1});
  CHECK(scenario.loads[1].in_private);
  CHECK(scenario.loads[1].per_second == Approx(0.5));
  REQUIRE(scenario.steps.size() == 2);
  CHECK(scenario.steps[0].verb == step_verb::kill);  // In the order of time.
  CHECK(scenario.steps[0].targets[0].node == 2);
  CHECK(scenario.steps[0].targets[0].actor == "orderer");
  CHECK(scenario.steps[1].verb == step_verb::heal);
  REQUIRE(scenario.expects.size() == 3);
  CHECK(scenario.expects[1].count == 5);
  CHECK(scenario.expects[1].time == 10s);
  CHECK(scenario.expects[2].count == 64 << 20);
}

TEST_CASE("every verb of the manual can be said", "[apps][chaos]") {
  CHECK(only_step("kill = \"n3\"\nback-after = \"2s\"\n").back_after == duration{2s});
  CHECK(only_step("kill = \"any/any\"\ntimes = 10\nevery = \"100ms\"\n").times == 10);
  CHECK(only_step("kill = \"n1/supervisor\"\n").text == "kill n1/supervisor");
  CHECK(only_step("kill = \"n1/guardian\"\n").targets[0].actor == "supervisor");
  CHECK(only_step("restart = \"all\"\ndown = \"1s\"\n").amount == duration{1s});
  CHECK(only_step("start = \"n2\"\n").verb == step_verb::start);
  CHECK(only_step("leave = [\"n2\", \"n4\"]\n").targets.size() == 2);
  CHECK(only_step("pause = \"n2\"\nfor = \"5s\"\n").lasts == duration{5s});
  CHECK(only_step("cpu-hog = \"n2\"\nshare = 0.9\n").share == Approx(0.9));
  CHECK(only_step("slow-reader = \"n2\"\ninterval = \"20ms\"\n").amount == duration{20ms});
  CHECK(only_step("partition = \"halves\"\n").sides.empty());
  CHECK(only_step("partition = \"halves\"\nsides = [[\"n1\"], [\"n2\", \"n3\"]]\n").sides[1] ==
        std::vector<std::uint32_t>{1, 2});
  CHECK(only_step("partition = \"isolate\"\nnode = \"n3\"\n").targets[0].node == 2);
  CHECK(only_step("partition = \"one-way\"\n").targets[0].whom == chaos_target::who::any);
  CHECK(only_step("partition = \"bridge\"\nnode = \"n3\"\n").shape == partition_shape::bridge);
  CHECK(only_step("partition = \"flapping\"\nperiod = \"1s\"\nfor = \"9s\"\n").period == 1s);
  CHECK(only_step("loss = \"30%\"\nfrom = \"n1\"\nto = \"n2\"\n").weather.loss == Approx(0.3));
  CHECK(only_step("delay = \"100ms\"\n").weather.jitter == 0s);
  CHECK(only_step("duplicate = 0.5\n").weather.duplicate == Approx(0.5));
  CHECK(only_step("reorder = 0.5\n").weather.reorder == Approx(0.5));
  CHECK(only_step("corrupt = 0.01\n").weather.corrupt == Approx(0.01));
  CHECK(only_step("skew = \"n2\"\nby = \"-25s\"\n").amount == duration{-25s});
  CHECK(only_step("disk-full = \"n2\"\nfor = \"5s\"\n").verb == step_verb::disk_full);
  CHECK(only_step("slow-fsync = \"n2\"\nby = \"1s\"\n").amount == duration{1s});
  CHECK(only_step("disk-fails = \"n2\"\nback-after = \"2s\"\n").back_after == duration{2s});
  const auto withheld = only_step("withhold = \"n2\"\nmessage = \"n3:50\"\nfor = \"2s\"\n");
  CHECK(withheld.text == "withhold n3:50 from n2 for 2s");
  CHECK(withheld_id(withheld) == "n3.1:50");
  CHECK(only_step("heal = \"all\"\n").verb == step_verb::heal);
  const auto joined = read(head + "[[step]]\nat = \"1s\"\njoin = \"n6\"\n" +
                           "[[step]]\nat = \"9s\"\nkill = \"n6\"\n");
  CHECK(joined.joiners == 1);
  CHECK(joined.steps[1].targets[0].node == 5);
}

TEST_CASE("a scenario without expectations is held to every promise", "[apps][chaos]") {
  const auto scenario = read(head);
  REQUIRE(scenario.expects.size() == 6);
  CHECK(scenario.expects[0].check == chaos_check::no_loss);
}

TEST_CASE("a mistake in a scenario is named at its place, with what is known", "[apps][chaos]") {
  const auto step = head + "[[step]]\nat = \"10s\"\n";
  std::string verbs;
  for (const auto name : verb_names()) verbs += (verbs.empty() ? "" : ", ") + std::string{name};
  CHECK(error_of(step + "kil = \"n3\"\n") ==
        "6:1: unknown verb 'kil' | known: " + verbs + " | did you mean 'kill'?");
  CHECK(error_of(step + "kill = \"n8\"\n") ==
        "6:8: unknown node 'n8' | known: n1 to n5 | did you mean 'n1'?");
  CHECK(error_of(step + "kill = \"n3/ordrer\"\n") ==
        "6:8: unknown actor 'ordrer' | known: courier, failure_detector, membership, channels, "
        "orderer, supervisor, any | did you mean 'orderer'?");
  CHECK(error_of(step + "partition = \"halfs\"\n") ==
        "6:13: unknown partition 'halfs' | known: halves, isolate, one-way, bridge, flapping | "
        "did you mean 'halves'?");
  CHECK(error_of(step + "pause = \"n3\"\nfro = \"5s\"\n") ==
        "7:1: unknown key 'fro' in a step | known: at, pause, for, times | did you mean 'for'?");
  CHECK(error_of(step) == "4:1: a step without a verb | known: " + verbs +
                              " | say for example kill = \"n3/orderer\"");
  CHECK(error_of(head + "[[step]]\nkill = \"n3\"\n") ==
        "4:1: a step without 'at' |  | when: at = \"10s\"");
  CHECK(error_of(step + "kill = \"n3\"\npause = \"n2\"\n") ==
        "7:1: a step with 'kill' and 'pause' |  | a step does one thing; another one may have the "
        "same 'at'");
  CHECK(error_of(step + "pause = \"n3\"\nfor = \"25s\"\n") ==
        "5:6: the step ends at 35.0s, after the scenario (30.0s) |  | a longer 'duration', or an "
        "earlier 'at'");
  CHECK(error_of(step + "pause = \"n3/orderer\"\n") ==
        "6:9: pause: 'n3/orderer' is an actor, and this is about nodes |  | name the node alone");
  CHECK(error_of(step + "join = \"n7\"\n") ==
        "6:8: join: 'n7' cannot be the next one to join | n1 to n5 are there before it | "
        "did you mean 'n6'?");
  CHECK(error_of(head + "[[expect]]\ncheck = \"no-los\"\n")
            .starts_with("5:9: unknown expectation 'no-los' | known: no-loss, no-gap,"));
  CHECK(error_of(head + "[[expect]]\ncheck = \"converged-within\"\nvalue = 3\n") ==
        "6:9: value: not a duration |  | say for example \"200ms\"");
  CHECK(error_of(head + "[[load]]\nrate = \"200\"\n") ==
        "5:8: rate: '200' is no rate |  | say for example \"200/s\" or \"30/m\"");
  CHECK(error_of(head + "[network]\nlos = 0.1\n") ==
        "5:1: unknown key 'los' in [network] | known: loss, duplicate, reorder, corrupt, delay | "
        "did you mean 'loss'?");
  CHECK(error_of("node = 5\nduration = \"3s\"\n") ==
        "1:1: the scenario without 'nodes' |  | how many: nodes = 5");
  CHECK(error_of(head + "[step]\nat = \"1s\"\n") ==
        "4:1: step: not a list of tables |  | write [[step]] above each");
  CHECK(error_of(step + "disk-full = \"n2\"\n") ==
        "6:1: 'disk-full' without a journal |  | durable = true above the steps keeps the group on "
        "each node's disk");
  CHECK(error_of(step + "withhold = \"n2\"\nmessage = \"n2:5\"\n") ==
        "7:11: message: n2 has its own messages |  | withhold what another node says");
  CHECK(error_of(step + "withhold = \"n2\"\nmessage = \"n3\"\n") ==
        "7:11: message: 'n3' is no message |  | say for example \"n2:50\"");
  CHECK(error_of(head + "durable = 1\n") ==
        "4:11: durable: neither true nor false |  | say true, or leave it out");
  CHECK(error_of(head + "horizon = \"5ms\"\n") == "4:11: horizon: too short |  | 1s at least");
  CHECK(error_of("nodes = [\n").find("toml.io") != std::string::npos);
  CHECK_THROWS_AS(read_scenario(std::filesystem::path{"no-such-file.toml"}), app_error);
}
