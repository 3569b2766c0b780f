// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/chaos/chaos_page.hpp"
#include "apps/causerie/chaos/live_stage.hpp"
#include "apps/causerie/chaos/scenario_library.hpp"
#include "apps/causerie/chaos/sim_stage.hpp"
#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/invocation.hpp"
#include "apps/causerie/cli/json_text.hpp"
#include "apps/causerie/cli/private_folder.hpp"
#include "apps/causerie/cli/table.hpp"
#include "apps/causerie/demo/kept_folder.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;

constexpr std::uint64_t repeat_max = 1000;

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
        judged.private_deliveries, scenario.seed, asked_for,
        verdict.world.substr(0, verdict.world.find(' ')), scenario.seed));
  }
}

/// Writes a file that the user asked for by that flag.
template <class Compose>
void write_report(const invocation& run, const char* flag, Compose compose) {
  const auto path = run.given.text(flag);
  if (path.empty()) return;
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  if (!file)
    throw app_error{"cannot-create", exit_code::cannot_create,
                    fmt::format("cannot write {}", path)};
  file << compose();
  if (!file.flush())
    throw app_error{"disk", exit_code::disk, fmt::format("{} could not be written", path)};
}

/// In simulation, then live, so often as is asked for.
std::vector<chaos_record> play_in_worlds(const invocation& run, const chaos_scenario& scenario,
                                         const chaos_schedule& schedule) {
  if (!run.given.has("sim") && !run.given.has("live"))
    throw usage_error("chaos run: in which world?", "--sim, --live, or both");
  const auto times = run.given.count("repeat", 1);
  if (times < 1 || times > repeat_max)
    throw usage_error(fmt::format("--repeat: 1 to {}", repeat_max));
  std::vector<chaos_record> records;
  const auto add = [&](chaos_record record, std::uint64_t time) {
    if (times > 1) record.world += fmt::format(" {}", time);
    records.push_back(std::move(record));
  };
  for (std::uint64_t time = 1; run.given.has("sim") && time <= times; ++time)
    add(sim_stage{}.play(scenario, schedule), time);
  if (!run.given.has("live")) return records;
  for (std::uint64_t time = 1; time <= times; ++time) {
    const private_folder own;
    auto folder = time == 1 ? kept_folder(run, own.path()) : own.path();
    if (times > 1 && run.given.has("keep")) {
      folder = std::filesystem::absolute(run.given.text("keep")) / fmt::format("run{}", time);
      std::filesystem::create_directories(folder);
    }
    live_stage stage{run.terminal, folder, own.path()};
    add(stage.play(scenario, schedule), time);
  }
  return records;
}

exit_code play_scenario(invocation& run) {
  auto scenario = find_scenario(scenario_argument(run));
  scenario.seed = run.given.count("seed", scenario.seed);
  const auto schedule = schedule_of(scenario);
  const auto records = play_in_worlds(run, scenario, schedule);
  std::vector<chaos_verdict> verdicts;
  for (const auto& record : records) verdicts.push_back(judge(scenario, schedule, record));
  const auto report = verdict_json(scenario, verdicts);
  write_report(run, "report", [&] { return json_line(report) + '\n'; });
  write_report(run, "page", [&] { return chaos_page(scenario, records, verdicts); });
  if (run.terminal.json())
    run.terminal.answer(report);
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
                    {.name = "live",
                     .kind = value_kind::toggle,
                     .placeholder = {},
                     .summary = "of run: real processes on this machine; may go with --sim"},
                    {.name = "keep",
                     .kind = value_kind::text,
                     .placeholder = "DIR",
                     .summary = "of run --live: keep histories and logs there"},
                    {.name = "report",
                     .kind = value_kind::text,
                     .placeholder = "FILE",
                     .summary = "of run: the verdict as JSON"},
                    {.name = "page",
                     .kind = value_kind::text,
                     .placeholder = "FILE",
                     .summary = "of run: a report to look at, as one HTML page"},
                    {.name = "repeat",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "of run: so often in each world; all must hold"},
                    {.name = "seed",
                     .kind = value_kind::count,
                     .placeholder = "S",
                     .summary = "of run: instead of the scenario's own"}},
          .run = run_chaos};
}

}  // namespace causerie::apps
