// SPDX-License-Identifier: BSL-1.0
#include <malloc.h>

#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/invocation.hpp"
#include "apps/causerie/cli/table.hpp"
#include "apps/causerie/verbs/scenario_file.hpp"
#include "apps/causerie/verbs/verb_table.hpp"
#include "apps/simulation/search.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;
using simulation::scenario;

double seconds_of(duration value) { return std::chrono::duration<double>{value}.count(); }

int level_of(const invocation& run) {
  const auto level = run.given.count("level", 1);
  if (level < 1 || level > 2)
    throw usage_error(fmt::format("--level: there is no level {}", level),
                      "1 simulates the machines alone, 2 the shipped actors");
  return static_cast<int>(level);
}

json json_of(const simulation::seed_result& day, int level) {
  return {{"schema", "causerie.sim-run/1"},
          {"seed", day.seed},
          {"level", level},
          {"day", day.day},
          {"holds", day.violations.empty()},
          {"violations", day.violations},
          {"delivered", day.delivered},
          {"faults", day.faults},
          {"actor_kills", day.actor_kills},
          {"vacuous", day.vacuous},
          {"virtual_s", seconds_of(day.virtual_time)},
          {"processor_s", seconds_of(day.processor_time)},
          {"converged_after_s", seconds_of(day.converged_after)},
          {"trace_hash", fmt::format("{:016x}", day.trace_hash)},
          {"trace_events", day.trace_events},
          {"sometimes", day.sometimes}};
}

std::string rows_text(const checker::verdict& verdict, bool bold) {
  using enum table::align;
  table rows{{{"node"},
              {"sent", right},
              {"delivered", right},
              {"missing", right},
              {"doubled", right},
              {"causal inv.", right},
              {"gaps", right},
              {"private sent", right},
              {"got", right},
              {"FIFO inv.", right},
              {"restarts", right},
              {"lives", right}}};
  for (const auto& row : verdict.rows)
    rows.row({row.node, std::to_string(row.sent), std::to_string(row.delivered),
              std::to_string(row.missing + row.private_missing),
              std::to_string(row.doubled + row.private_doubled),
              std::to_string(row.causal_inversions), std::to_string(row.gaps),
              std::to_string(row.private_sent), std::to_string(row.private_delivered),
              std::to_string(row.fifo_inversions), std::to_string(row.actor_restarts),
              std::to_string(row.lives)});
  return rows.text(bold);
}

exit_code run_one(invocation& run, const scenario& today) {
  simulation::run_options options{.level = level_of(run), .trace_sink = {}};
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
  const auto day = simulation::run_seed(today, run.given.count("seed", 1), options);
  if (file.is_open() && !file.flush())
    throw app_error{"disk", exit_code::disk, "the trace could not be written"};
  const auto ending = day.violations.empty() ? exit_code::done : exit_code::no;
  if (run.terminal.json()) {
    run.terminal.answer(json_of(day, options.level));
    return ending;
  }
  run.terminal.out(fmt::format("seed {}: {}\n", day.seed, day.day));
  run.terminal.out(rows_text(day.verdict, run.terminal.colored()));
  for (const auto& wrong : day.violations) run.terminal.out("wrong: " + wrong + '\n');
  run.terminal.say(fmt::format(
      "{}: {} deliveries, {} faults, {} actor kills in {:.0f} virtual seconds ({:.2f} s here); "
      "trace {:016x}",
      day.violations.empty() ? "held" : "NOT held", day.delivered, day.faults, day.actor_kills,
      seconds_of(day.virtual_time), seconds_of(day.processor_time), day.trace_hash));
  return ending;
}

json json_of(const simulation::search_result& found, std::uint64_t first_seed, int level) {
  auto failed = json::array();
  for (const auto& one : found.failed)
    failed.push_back({{"seed", one.seed}, {"violations", one.violations}, {"replay", one.replay}});
  return {{"schema", "causerie.sim-search/1"},
          {"first_seed", first_seed},
          {"level", level},
          {"seeds", found.seeds},
          {"vacuous", found.vacuous},
          {"failed", std::move(failed)},
          {"delivered", found.delivered},
          {"faults", found.faults},
          {"faults_median", found.faults_median},
          {"actor_kills", found.actor_kills},
          {"actor_kills_median", found.actor_kills_median},
          {"virtual_s", seconds_of(found.virtual_time)},
          {"wall_s", seconds_of(found.wall_time)},
          {"converged_p50_s", seconds_of(found.converged_p50)},
          {"converged_p99_s", seconds_of(found.converged_p99)},
          {"converged_max_s", seconds_of(found.converged_max)},
          {"seeds_per_second", found.seeds_per_second},
          {"times_real_time", found.times_real_time},
          {"sometimes", found.sometimes}};
}

void say_found(console& terminal, const simulation::search_result& found) {
  const auto line = [&](const char* key, const std::string& value) {
    terminal.out(fmt::format("{:<14}  {}\n", key, value));
  };
  line("seeds", fmt::format("{} ({:.1f}/s; {} proved too little)", found.seeds,
                            found.seeds_per_second, found.vacuous));
  line("time", fmt::format("{:.0f} virtual s in {:.1f} s; {:.0f} x real time a core",
                           seconds_of(found.virtual_time), seconds_of(found.wall_time),
                           found.times_real_time));
  line("deliveries", std::to_string(found.delivered));
  line("faults", fmt::format("{} (median {} a seed)", found.faults, found.faults_median));
  line("actor kills",
       fmt::format("{} (median {} a seed)", found.actor_kills, found.actor_kills_median));
  line("converged in",
       fmt::format("p50 {}, p99 {}, max {}", duration_text(found.converged_p50),
                   duration_text(found.converged_p99), duration_text(found.converged_max)));
  for (const auto& [name, times] : found.sometimes)
    terminal.detail(1, fmt::format("  {:<32} {:>12}", name, times));
  line("violations", fmt::format("{} seeds", found.failed.size()));
  for (const auto& one : found.failed) {
    terminal.out(fmt::format("seed {}: {}\n", one.seed,
                             one.violations.empty() ? "" : one.violations.front()));
    terminal.out(fmt::format("  replay: {}\n", one.replay));
  }
}

/// What one day took serves the next: giving it back to the system and asking for it again would
/// cost a thirtieth of the search.
void keep_memory() {
  ::mallopt(M_TRIM_THRESHOLD, 512 << 20);
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TOP_PAD, 8 << 20);
}

exit_code run_many(invocation& run, const scenario& today) {
  keep_memory();
  const auto seeds = run.given.count("seeds", 300);
  const auto first_seed = run.given.count("first-seed", 1);
  simulation::search_options options;
  options.level = level_of(run);
  options.jobs = static_cast<unsigned>(std::min<std::uint64_t>(
      run.given.count("jobs", std::max(1u, std::thread::hardware_concurrency())), 256));
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
  if (run.terminal.json())
    run.terminal.answer(json_of(found, first_seed, options.level));
  else
    say_found(run.terminal, found);
  // A search over seeds that prove nothing has not shown anything.
  const bool shown_something = found.seeds > found.vacuous;
  if (!shown_something) run.terminal.say("no seed had enough traffic and faults to prove anything");
  return found.failed.empty() && shown_something ? exit_code::done : exit_code::no;
}

exit_code run_sim(invocation& run) {
  const auto today = scenario_of(run.given.text("SCENARIO"));
  return run.given.text("run|search") == "run" ? run_one(run, today) : run_many(run, today);
}

}  // namespace

verb_spec sim_verb() {
  return {.name = "sim",
          .summary = "whole clusters on virtual time: one seed, or many",
          .about =
              "run lives one day of a simulated cluster: the same seed, the same bytes. search\n"
              "lives many and names the command that replays each that breaks a promise.\n"
              "SCENARIO is standard, ten-talkers, calm, or a TOML file. Exit 1: a promise broken.",
          .positionals = {{"run|search"}, {"SCENARIO", /*required=*/false}},
          .flags = {{.name = "level",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "1: the machines alone (default); 2: the shipped actors"},
                    {.name = "seed",
                     .kind = value_kind::count,
                     .placeholder = "S",
                     .summary = "of run; default 1"},
                    {.name = "trace",
                     .kind = value_kind::text,
                     .placeholder = "FILE",
                     .summary = "of run: every event as JSON Lines"},
                    {.name = "seeds",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "of search: how many; default 300"},
                    {.name = "first-seed",
                     .kind = value_kind::count,
                     .placeholder = "S",
                     .summary = "of search: where to begin; default 1"},
                    {.name = "jobs",
                     .kind = value_kind::count,
                     .placeholder = "J",
                     .summary = "of search: threads; default: one a core"}},
          .run = run_sim};
}

}  // namespace causerie::apps
