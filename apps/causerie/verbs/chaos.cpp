// SPDX-License-Identifier: BSL-1.0
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/chaos/chaos_verdict.hpp"
#include "apps/causerie/chaos/scenario_library.hpp"
#include "apps/causerie/chaos/sim_stage.hpp"
#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/invocation.hpp"
#include "apps/causerie/cli/table.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;

json summary_json(const chaos_scenario& scenario) {
  auto steps = json::array();
  for (const auto& step : scenario.steps)
    steps.push_back({{"at_s", std::chrono::duration<double>{step.at}.count()}, {"do", step.text}});
  auto expects = json::array();
  for (const auto& expect : scenario.expects) expects.push_back(name_of(expect.check));
  return {{"name", scenario.name},
          {"file", scenario.file},
          {"about", scenario.about},
          {"nodes", scenario.nodes},
          {"joiners", scenario.joiners},
          {"seed", scenario.seed},
          {"duration_s", std::chrono::duration<double>{scenario.lasts}.count()},
          {"steps", std::move(steps)},
          {"expect", std::move(expects)}};
}

std::string scenario_argument(const invocation& run) {
  const auto text = run.given.text("SCENARIO");
  if (text.empty())
    throw usage_error(fmt::format("chaos {}: which scenario?", run.given.text("run|check|list")),
                      "a file, or one of 'causerie chaos list'");
  return text;
}

exit_code check_scenario(invocation& run) {
  const auto scenario = find_scenario(scenario_argument(run));
  if (run.terminal.json()) {
    auto answer = summary_json(scenario);
    answer["schema"] = "causerie.chaos-check/1";
    run.terminal.answer(answer);
    return exit_code::done;
  }
  table rows{{{"at", table::align::right}, {"step"}}};
  for (const auto& step : scenario.steps) rows.row({duration_text(step.at), step.text});
  if (!rows.empty()) run.terminal.out(rows.text(run.terminal.colored()));
  run.terminal.say(fmt::format("{}: {} nodes for {}, {} steps, {} expectations: good",
                               scenario.file, scenario.nodes, duration_text(scenario.lasts),
                               scenario.steps.size(), scenario.expects.size()));
  return exit_code::done;
}

exit_code list_scenarios(invocation& run) {
  auto all = json::array();
  table rows{{{"scenario"}, {"nodes", table::align::right}, {"lasts", table::align::right}, {""}}};
  for (const auto& name : shipped_scenarios()) {
    const auto scenario = find_scenario(name);
    auto entry = summary_json(scenario);
    entry["scenario"] = name;
    all.push_back(std::move(entry));
    rows.row({name, std::to_string(scenario.nodes), duration_text(scenario.lasts), scenario.name});
  }
  if (run.terminal.json())
    run.terminal.answer({{"schema", "causerie.chaos-list/1"}, {"scenarios", std::move(all)}});
  else
    run.terminal.out(rows.text(run.terminal.colored()));
  return exit_code::done;
}

void say_verdicts(console& terminal, const std::string& asked_for, const chaos_scenario& scenario,
                  const std::vector<chaos_verdict>& verdicts) {
  terminal.out(verdict_text(scenario, verdicts, terminal.colored()));
  for (const auto& verdict : verdicts) {
    for (const auto& words : verdict.wrong)
      terminal.say(fmt::format("wrong ({}): {}", verdict.world, words));
    const auto& judged = verdict.measures.judged;
    terminal.say(fmt::format(
        "{} ({}): {} messages, {} deliveries, {} private ones; seed {}: 'causerie chaos run {} "
        "--{} --seed {}' plays it again",
        verdict.holds() ? "held" : "NOT held", verdict.world, judged.messages, judged.deliveries,
        judged.private_deliveries, scenario.seed, asked_for, verdict.world, scenario.seed));
  }
}

exit_code play_scenario(invocation& run) {
  auto scenario = find_scenario(scenario_argument(run));
  scenario.seed = run.given.count("seed", scenario.seed);
  const auto schedule = schedule_of(scenario);
  std::vector<chaos_verdict> verdicts;
  if (run.given.has("sim")) {
    sim_stage stage;
    verdicts.push_back(judge(scenario, schedule, stage.play(scenario, schedule)));
  }
  if (verdicts.empty()) throw usage_error("chaos run: in which world?", "--sim, --live, or both");
  if (run.terminal.json())
    run.terminal.answer(verdict_json(scenario, verdicts));
  else
    say_verdicts(run.terminal, run.given.text("SCENARIO"), scenario, verdicts);
  return std::ranges::all_of(verdicts, &chaos_verdict::holds) ? exit_code::done : exit_code::no;
}

exit_code run_chaos(invocation& run) {
  const auto what = run.given.text("run|check|list");
  if (what == "check") return check_scenario(run);
  if (what == "list") return list_scenarios(run);
  return play_scenario(run);
}

}  // namespace

verb_spec chaos_verb() {
  return {.name = "chaos",
          .summary = "scripted faults under load: scenarios that are run and judged",
          .about =
              "run plays a scenario in simulation, with real processes, or both, and judges it:\n"
              "SCENARIO is a file, or one of those that list shows. check reads one and names the\n"
              "first mistake by file, line and column. Exit 1: an expectation was not held.",
          .positionals = {{"run|check|list"}, {"SCENARIO", /*required=*/false}},
          .flags = {{.name = "sim",
                     .kind = value_kind::toggle,
                     .placeholder = {},
                     .summary = "of run: the shipped actors on virtual time"},
                    {.name = "seed",
                     .kind = value_kind::count,
                     .placeholder = "S",
                     .summary = "of run: instead of the scenario's own"}},
          .run = run_chaos};
}

}  // namespace causerie::apps
