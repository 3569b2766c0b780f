// SPDX-License-Identifier: BSL-1.0
#include <filesystem>

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/invocation.hpp"
#include "apps/causerie/cli/private_folder.hpp"
#include "apps/causerie/demo/demo_report.hpp"
#include "apps/causerie/demo/demo_text.hpp"
#include "apps/causerie/demo/kept_folder.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

constexpr std::uint64_t demo_nodes_max = 100;
constexpr std::size_t violations_shown_max = 5;

/// The settings' value, or the demo's own where nothing is set: a network worth showing.
double fault_of(const settings& chosen, const char* key, double in_the_demo) {
  return chosen.is_default(key) ? in_the_demo : chosen.probability(key);
}

demo_options demo_options_of(const invocation& run) {
  demo_options options;
  options.nodes = run.given.count("nodes", 10);
  if (options.nodes < 2 || options.nodes > demo_nodes_max)
    throw usage_error(fmt::format("--nodes: {} cannot talk", options.nodes),
                      fmt::format("2 to {}", demo_nodes_max));
  options.messages = run.given.count("messages", 40);
  if (options.messages == 0 || options.messages > 1'000'000)
    throw usage_error("--messages: 1 to 1000000");
  options.actor_kills = run.given.count("actor-kills", 0);
  options.loss = fault_of(run.chosen, "faults.loss", 0.1);
  options.duplicate = fault_of(run.chosen, "faults.duplicate", 0.05);
  options.reorder = fault_of(run.chosen, "faults.reorder", 0.1);
  options.seed = run.given.count("seed", 1);
  for (const auto& text : run.given.all("text"))
    options.texts.push_back(std::filesystem::absolute(text).string());
  const auto scaled = std::chrono::seconds{60} + std::chrono::milliseconds{250} * options.messages;
  options.timeout = run.chosen.is_default("client.timeout")
                        ? std::chrono::duration_cast<duration>(scaled * (1 + 3 * options.loss))
                        : run.chosen.time("client.timeout");
  (void)demo_lines(options.texts);  // An unreadable file is said now, not by ten processes.
  return options;
}

void say_verdict(console& terminal, const demo_run& run, const demo_verdict& verdict) {
  terminal.out(table_text(run, verdict, terminal.colored()));
  if (const auto kills = recovery_text(verdict, terminal.colored()); !kills.empty())
    terminal.out("\n" + kills);
  const auto& judged = verdict.judged;
  for (const auto& complaint : verdict.complaints) terminal.say("wrong: " + complaint);
  for (std::size_t i = 0; i < std::min(judged.violations.size(), violations_shown_max); ++i)
    terminal.say(fmt::format("wrong: {}: {} ({})", judged.violations[i].node,
                             judged.violations[i].text, name_of(judged.violations[i].kind)));
  if (verdict.holds())
    terminal.say(
        fmt::format("held: {} messages reached everybody they were owed to, once, causes "
                    "before effects ({} deliveries); {} private texts in order. Next: "
                    "'causerie node --name a' in two terminals, then 'causerie chat'",
                    judged.messages, judged.deliveries, judged.private_deliveries));
  else
    terminal.say("NOT held; --keep DIR keeps the histories");
}

exit_code run_demo(invocation& run) {
  const auto options = demo_options_of(run);
  const private_folder own;
  demo_run shown{run.terminal, options, kept_folder(run, own.path()), own.path()};
  shown.play();
  const auto verdict = judge(shown);
  run.terminal.end_progress();
  if (run.terminal.json())
    run.terminal.answer(demo_json(shown, options, verdict));
  else
    say_verdict(run.terminal, shown, verdict);
  return verdict.holds() ? exit_code::done : exit_code::no;
}

}  // namespace

verb_spec demo_verb() {
  return {.name = "demo",
          .summary = "ten nodes talk over a bad network; kills and joins; everything is checked",
          .about =
              "Runs ten node processes on this machine that talk over UDP, loses, doubles and\n"
              "reorders their datagrams on purpose, kills an actor and a process, lets a new node\n"
              "join, and checks from what each of them wrote down that nothing was missing,\n"
              "doubled or out of order. Exit 0 only if all of it held.",
          .positionals = {},
          .flags = {{.name = "nodes",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "processes, 2 to 100; default 10"},
                    {.name = "messages",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "broadcasts of each, and as many private texts; default 40"},
                    {.name = "loss",
                     .kind = value_kind::probability,
                     .placeholder = "P",
                     .summary = "datagrams lost; default 0.1",
                     .setting = "faults.loss"},
                    {.name = "duplicate",
                     .kind = value_kind::probability,
                     .placeholder = "P",
                     .summary = "datagrams doubled; default 0.05",
                     .setting = "faults.duplicate"},
                    {.name = "reorder",
                     .kind = value_kind::probability,
                     .placeholder = "P",
                     .summary = "datagrams overtaken by later ones; default 0.1",
                     .setting = "faults.reorder"},
                    {.name = "seed",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "for the faults and for who says what; default 1"},
                    {.name = "actor-kills",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "kill every kind of actor N times in mid-talk; default: one actor"},
                    {.name = "text",
                     .kind = value_kind::text,
                     .placeholder = "FILE",
                     .summary = "what to say; default: the system's licence texts",
                     .repeated = true},
                    {.name = "keep",
                     .kind = value_kind::text,
                     .placeholder = "DIR",
                     .summary = "keep histories and logs there"}},
          .run = run_demo};
}

}  // namespace causerie::apps
