// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/verbs/sim_answers.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/table.hpp"
#include "apps/causerie/cli/units.hpp"

namespace causerie::apps {

using nlohmann::json;

namespace {

double seconds_of(duration value) { return std::chrono::duration<double>{value}.count(); }

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

}  // namespace

json json_of(const simulation::seed_result& day, int level) {
  return {{"schema", "causerie.sim-run/1"},
          {"seed", day.seed},
          {"level", level},
          {"day", day.day},
          {"holds", day.violations.empty()},
          {"lived", day.lived.text()},
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

void say_day(console& terminal, const simulation::seed_result& day) {
  terminal.out(fmt::format("seed {}: {}\n", day.seed, day.day));
  terminal.out(rows_text(day.verdict, terminal.colored()));
  for (const auto& wrong : day.violations) terminal.out("wrong: " + wrong + '\n');
  terminal.say(fmt::format(
      "{}: {} deliveries, {} faults, {} actor kills in {:.0f} virtual seconds ({:.2f} s here); "
      "trace {:016x}",
      day.violations.empty() ? "held" : "NOT held", day.delivered, day.faults, day.actor_kills,
      seconds_of(day.virtual_time), seconds_of(day.processor_time), day.trace_hash));
}

json json_of(const simulation::search_result& found, std::uint64_t first_seed, int level) {
  json sometimes = json::object();
  for (const auto& name : simulation::sometimes_points(level)) sometimes[name] = 0;
  for (const auto& [name, times] : found.sometimes) sometimes[name] = times;
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
          {"sometimes", std::move(sometimes)},
          {"reached_first", found.reached_first}};
}

/// Two points to a line; what was never reached stands at the end.
void say_points(console& terminal, const simulation::sometimes_counts& counts, int level) {
  std::string text;
  std::size_t shown = 0;
  for (const auto& name : simulation::sometimes_points(level))
    if (const auto found = counts.find(name); found != counts.end())
      text += fmt::format("  {:<33}{:>10}{}", name, found->second, ++shown % 2 == 0 ? "\n" : "");
  if (shown % 2 != 0) text += '\n';
  terminal.out(fmt::format("sometimes       {} of {} points reached\n", shown,
                           simulation::sometimes_points(level).size()));
  terminal.out(text);
  for (const auto& name : simulation::points_missed(counts, level, 1))
    terminal.out(terminal.bold(fmt::format("  never: {}\n", name)));
}

void say_found(console& terminal, const simulation::search_result& found, int level) {
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
  say_points(terminal, found.sometimes, level);
  line("violations", fmt::format("{} seeds", found.failed.size()));
  for (const auto& one : found.failed) {
    terminal.out(fmt::format("seed {}: {}\n", one.seed,
                             one.violations.empty() ? "" : one.violations.front()));
    terminal.out(fmt::format("  replay: {}\n", one.replay));
  }
}

json json_of(std::span<const simulation::named_day> days) {
  auto listed = json::array();
  for (const auto& day : days)
    listed.push_back({{"name", day.name},
                      {"why", day.why},
                      {"scenario", day.scenario},
                      {"level", day.level},
                      {"seed", day.seed},
                      {"point", day.point}});
  return {{"schema", "causerie.sim-named/1"}, {"days", std::move(listed)}};
}

void say_named(console& terminal, std::span<const simulation::named_day> days) {
  table rows{{{"day"}, {"level", table::align::right}, {"seed", table::align::right}, {"why"}}};
  for (const auto& day : days)
    rows.row({std::string{day.name}, std::to_string(day.level), std::to_string(day.seed),
              std::string{day.why}});
  terminal.out(rows.text(terminal.colored()));
}

json json_of(const simulation::shrink_result& small) {
  const auto size_of = [](const simulation::excerpt& day) {
    return json{{"nodes", day.nodes->size()},
                {"faults", day.faults->size()},
                {"messages", *day.messages},
                {"chaos_s", seconds_of(*day.chaos)},
                {"with", *day.with}};
  };
  return {{"seed", small.day.seed},
          {"kind", small.kind},
          {"violation", small.day.violations.front()},
          {"from", size_of(small.from)},
          {"to", size_of(small.day.lived)},
          {"only", small.day.lived.text()},
          {"trace_hash", fmt::format("{:016x}", small.day.trace_hash)},
          {"tries", small.tries},
          {"took_s", seconds_of(small.took)},
          {"finished", small.finished},
          {"replay", small.replay}};
}

void say_shrunk(console& terminal, const simulation::shrink_result& small) {
  const auto& from = small.from;
  const auto& to = small.day.lived;
  const auto line = [&](const char* key, const auto& before, const auto& after) {
    terminal.out(fmt::format("  {:<10}{:>8} -> {}\n", key, before, after));
  };
  terminal.out(fmt::format("seed {} shrunk: {}\n", small.day.seed, small.day.violations.front()));
  line("nodes", from.nodes->size(), to.nodes->size());
  line("faults", from.faults->size(), to.faults->size());
  line("messages", *from.messages, *to.messages);
  line("chaos", duration_text(*from.chaos), duration_text(*to.chaos));
  line("kinds", from.with->size(), fmt::format("{}", fmt::join(*to.with, " ")));
  terminal.out(fmt::format("  replay: {}\n", small.replay));
  terminal.say(fmt::format(
      "{} tries in {:.1f} s; {}", small.tries, seconds_of(small.took),
      small.finished ? "nothing smaller fails that way" : "the time was up (--shrink-for)"));
}

}  // namespace causerie::apps
