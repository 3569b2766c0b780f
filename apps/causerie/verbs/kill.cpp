// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/units.hpp"
#include "apps/causerie/verbs/client.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

exit_code run_kill(invocation& run) {
  const auto actor = run.given.text("ACTOR");
  const auto answer = ask_node(run, {{"do", "kill"}, {"actor", actor}});
  if (run.terminal.json()) {
    run.terminal.answer(answer);
    return exit_code::done;
  }
  const duration took{static_cast<std::int64_t>(answer["took_us"].get<double>() * 1e3)};
  run.terminal.out(fmt::format("{} was killed and restarted by its supervisor in {}\n", actor,
                               duration_text(took)));
  return exit_code::done;
}

}  // namespace

verb_spec kill_verb() {
  return {.name = "kill",
          .summary = "kill one actor of the local node, as a test does",
          .about =
              "Kills an actor of a local node and waits until its supervisor has restarted it.\n"
              "Nothing is lost, doubled or reordered by it. 'causerie actors' lists them.",
          .positionals = {{"ACTOR"}},
          .flags = {},
          .run = run_kill};
}

}  // namespace causerie::apps
