// SPDX-License-Identifier: BSL-1.0
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/printable.hpp"
#include "apps/causerie/cli/table.hpp"
#include "apps/causerie/verbs/client.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

/// `groups/lobby` stands below `groups`, indented.
std::string indented(const std::string& path) {
  const auto depth = static_cast<std::size_t>(std::ranges::count(path, '/'));
  return std::string(2 * depth, ' ') + printable(path);
}

std::string state_of(const nlohmann::json& actor) {
  if (const auto stuck_ms = actor.value("stuck_ms", std::int64_t{0}); stuck_ms != 0)
    return fmt::format("stuck for {:.1f}s", static_cast<double>(stuck_ms) / 1000);
  if (!actor["alive"].get<bool>()) return "down";
  const auto times = actor.value("stuck_times", std::uint64_t{0});
  return times == 0 ? "alive" : fmt::format("alive, was stuck {}x", times);
}

std::string show_actors(console& terminal, const nlohmann::json& answer) {
  using enum table::align;
  table rows{{{"actor"}, {"kind"}, {"mailbox", right}, {"restarts", right}, {"state"}}};
  std::uint64_t restarts = 0;
  for (const auto& actor : answer["actors"]) {
    restarts += actor["restarts"].get<std::uint64_t>();
    rows.row({indented(actor["path"]), actor["kind"],
              std::to_string(actor["mailbox"].get<std::uint64_t>()),
              std::to_string(actor["restarts"].get<std::uint64_t>()), state_of(actor)});
  }
  terminal.out(rows.text(terminal.colored()));
  return fmt::format("{} actors in {}, {} restarts; 'causerie kill ACTOR' tries one",
                     answer["actors"].size(), printable(answer["node"].get<std::string>()),
                     restarts);
}

exit_code run_actors(invocation& run) { return show_answer(run, {{"do", "actors"}}, show_actors); }

}  // namespace

verb_spec actors_verb() {
  return {.name = "actors",
          .summary = "the local node's actors, mailboxes and restarts",
          .about = "Shows the actors of a local node as a tree.",
          .positionals = {},
          .flags = {watch_flag()},
          .run = run_actors};
}

}  // namespace causerie::apps
