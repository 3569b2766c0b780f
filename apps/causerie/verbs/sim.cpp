// SPDX-License-Identifier: BSL-1.0
#include <malloc.h>

#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/invocation.hpp"
#include "apps/causerie/cli/nearest.hpp"
#include "apps/causerie/cli/units.hpp"
#include "apps/causerie/verbs/scenario_file.hpp"
#include "apps/causerie/verbs/sim_answers.hpp"
#include "apps/causerie/verbs/verb_table.hpp"
#include "apps/simulation/named_days.hpp"
#include "apps/simulation/search.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;
using simulation::scenario;

int level_of(const invocation& run) {
  const auto level = run.given.count("level", 1);
  if (level < 1 || level > 2)
    throw usage_error(fmt::format("--level: there is no level {}", level),
                      "1 simulates the machines alone, 2 the shipped actors");
  return static_cast<int>(level);
}

unsigned jobs_of(const invocation& run) {
  return static_cast<unsigned>(std::min<std::uint64_t>(
      run.given.count("jobs", std::max(1u, std::thread::hardware_concurrency())), 256));
}

simulation::excerpt only_of(const invocation& run) {
  const auto only = simulation::excerpt::parse(run.given.text("only"));
  if (!only)
    throw usage_error("--only: " + only.error(),
                      "--shrink prints such a word, e.g. nodes=0-2/faults=4/chaos=5200ms");
  return *only;
}

/// Makes a failed day small, tells people of it, and answers the same as JSON.
json shrunk(invocation& run, const scenario& today, const simulation::seed_result& failed,
            int level) {
  simulation::shrink_options how;
  how.level = level;
  how.jobs = jobs_of(run);
  how.time_max = run.given.time("shrink-for", how.time_max);
  auto shown = std::chrono::steady_clock::time_point{};
  how.progress = [&](const simulation::shrink_state& now) {
    if (std::chrono::steady_clock::now() - shown < std::chrono::milliseconds{100}) return;
    shown = std::chrono::steady_clock::now();
    constexpr std::int64_t width = 20;
    const auto done = std::clamp<std::int64_t>(
        width * now.worked.count() / std::max<std::int64_t>(1, how.time_max.count()), 0, width);
    run.terminal.progress(fmt::format(
        "  shrinking [{:#<{}}{:.<{}}] {} tries; {} nodes, {} faults, {} messages, {}", "", done, "",
        width - done, now.tries, now.smallest.nodes->size(), now.smallest.faults->size(),
        *now.smallest.messages, duration_text(*now.smallest.chaos)));
  };
  const auto small = simulation::shrink(today, failed, how);
  run.terminal.end_progress();
  if (!run.terminal.json()) say_shrunk(run.terminal, small);
  return json_of(small);
}

/// Which day `run` is to live.
struct chosen_day {
  scenario today;
  std::uint64_t seed = 1;
  int level = 1;
};

chosen_day named_day_of(const invocation& run, const std::string& name) {
  for (const auto* flag : {"seed", "level", "SCENARIO"})
    if (run.given.has(flag))
      throw usage_error(fmt::format("--named: '{}' has its own scenario, seed and level", name),
                        fmt::format("leave out {}{}", flag[0] == 'S' ? "" : "--", flag));
  if (const auto* kept = simulation::find_named_day(name))
    return {scenario_of(std::string{kept->scenario}), kept->seed, kept->level};
  const auto names = simulation::named_day_names();
  const auto near = nearest(name, names);
  throw usage_error(fmt::format("--named: no day is called '{}'", name),
                    near.empty()
                        ? std::string{"'causerie sim run --named list' shows those that there are"}
                        : fmt::format("did you mean '{}'?", near));
}

chosen_day day_of(const invocation& run) {
  if (const auto name = run.given.text("named"); !name.empty()) return named_day_of(run, name);
  return {scenario_of(run.given.text("SCENARIO")), run.given.count("seed", 1), level_of(run)};
}

exit_code list_named(invocation& run) {
  run.terminal.json() ? run.terminal.answer(json_of(simulation::named_days()))
                      : say_named(run.terminal, simulation::named_days());
  return exit_code::done;
}

exit_code run_one(invocation& run) {
  if (run.given.text("named") == "list") return list_named(run);
  const auto [today, seed, level] = day_of(run);
  simulation::run_options options{.level = level, .trace_sink = {}, .only = only_of(run)};
  std::ofstream file;
  if (const auto path = run.given.text("trace"); !path.empty()) {
    file.open(path, std::ios::binary | std::ios::trunc);
    options.trace_sink = [&](std::string_view line) {
      file.write(line.data(), static_cast<std::streamsize>(line.size()));
    };
    if (!file)
      throw app_error{"cannot-create", exit_code::cannot_create,
                      fmt::format("cannot write {}", path)};
  }
  const auto day = simulation::run_seed(today, seed, options);
  if (file.is_open() && !file.flush())
    throw app_error{"disk", exit_code::disk, "the trace could not be written"};
  const auto ending = day.violations.empty() ? exit_code::done : exit_code::no;
  if (!run.terminal.json()) say_day(run.terminal, day);
  auto answer = json_of(day, options.level);
  if (run.given.has("shrink") && ending == exit_code::no)
    answer["shrunk"] = shrunk(run, today, day, level);
  if (run.terminal.json()) run.terminal.answer(answer);
  return ending;
}

/// What one day took serves the next: giving it back to the system and asking for it again would
/// cost a thirtieth of the search.
void keep_memory() {
  ::mallopt(M_TRIM_THRESHOLD, 512 << 20);
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TOP_PAD, 8 << 20);
}

/// Whether the search has seen every rare thing as often as it was told to.
bool everything_reached(invocation& run, const simulation::search_result& found) {
  const auto times = run.given.count("require-sometimes", 0);
  if (times == 0) return true;
  auto missed = simulation::points_missed(found.sometimes, level_of(run), times);
  std::erase_if(missed, simulation::is_seldom);
  for (const auto& name : missed)
    run.terminal.say(fmt::format("'{}' was not reached {} times: what follows from it is untested",
                                 name, times));
  return missed.empty();
}

exit_code run_many(invocation& run, const scenario& today) {
  keep_memory();
  const auto seeds = run.given.count("seeds", 300);
  const auto first_seed = run.given.count("first-seed", 1);
  simulation::search_options options;
  options.level = level_of(run);
  options.jobs = jobs_of(run);
  std::uint64_t lived = 0, failed = 0;
  auto shown = std::chrono::steady_clock::now();
  options.progress = [&](const simulation::seed_result& day) {
    ++lived;
    if (!day.violations.empty()) ++failed;
    if (std::chrono::steady_clock::now() - shown < std::chrono::milliseconds{100}) return;
    shown = std::chrono::steady_clock::now();
    run.terminal.progress(
        fmt::format("  {} of {} seeds, {} with violations", lived, seeds, failed));
  };
  const auto found = simulation::search(today, first_seed, seeds, options);
  run.terminal.end_progress();
  auto answer = json_of(found, first_seed, options.level);
  if (!run.terminal.json()) say_found(run.terminal, found, options.level);
  if (run.given.has("shrink") && !found.failed.empty()) {
    const auto broken = simulation::run_seed(today, found.failed.front().seed,
                                             {.level = options.level, .trace_sink = {}});
    if (!broken.violations.empty()) answer["shrunk"] = shrunk(run, today, broken, options.level);
  }
  if (run.terminal.json()) run.terminal.answer(answer);
  // A search over seeds that prove nothing has not shown anything.
  const bool shown_something = found.seeds > found.vacuous;
  if (!shown_something) run.terminal.say("no seed had enough traffic and faults to prove anything");
  const bool reached = everything_reached(run, found);
  return found.failed.empty() && shown_something && reached ? exit_code::done : exit_code::no;
}

exit_code run_sim(invocation& run) {
  if (run.given.text("run|search") == "run") return run_one(run);
  if (run.given.has("named"))
    throw usage_error("--named: search lives many days", "say 'sim run --named NAME'");
  return run_many(run, scenario_of(run.given.text("SCENARIO")));
}

}  // namespace

verb_spec sim_verb() {
  return {.name = "sim",
          .summary = "whole clusters on virtual time: one seed, or many",
          .about =
              "run lives one day of a simulated cluster: the same seed, the same bytes. search\n"
              "lives many and names the command that replays each that breaks a promise.\n"
              "--shrink looks for the smallest part of such a day that still breaks it.\n"
              "SCENARIO is standard, ten-talkers, calm, hostile (one node means harm), crowded\n"
              "(every queue is short), journal-kills (durable processes killed all the time),\n"
              "breakdowns (machines that break, at level 2), or a TOML file. Exit 1: a promise\n"
              "broken.",
          .positionals = {{"run|search"}, {"SCENARIO", /*required=*/false}},
          .flags = {{.name = "level",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "1: the machines alone (default); 2: the shipped actors"},
                    {.name = "seed",
                     .kind = value_kind::count,
                     .placeholder = "S",
                     .summary = "of run; default 1"},
                    {.name = "named",
                     .kind = value_kind::text,
                     .placeholder = "NAME",
                     .summary = "of run: a day kept by name; 'list' shows them"},
                    {.name = "trace",
                     .kind = value_kind::text,
                     .placeholder = "FILE",
                     .summary = "of run: every event as JSON Lines"},
                    {.name = "only",
                     .kind = value_kind::text,
                     .placeholder = "PART",
                     .summary = "of run: a part of the seed's day, as --shrink says it"},
                    {.name = "shrink",
                     .summary = "makes a failed day small (of search: the first) and says how to "
                                "see that"},
                    {.name = "shrink-for",
                     .kind = value_kind::time,
                     .placeholder = "DUR",
                     .summary = "at most; default 60s"},
                    {.name = "seeds",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "of search: how many; default 300"},
                    {.name = "first-seed",
                     .kind = value_kind::count,
                     .placeholder = "S",
                     .summary = "of search: where to begin; default 1"},
                    {.name = "require-sometimes",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "of search: all but the seldom points must be reached so often"},
                    {.name = "jobs",
                     .kind = value_kind::count,
                     .placeholder = "J",
                     .summary = "threads of search and --shrink; default: one a core"}},
          .run = run_sim};
}

}  // namespace causerie::apps
