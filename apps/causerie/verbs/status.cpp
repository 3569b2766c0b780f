// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/printable.hpp"
#include "apps/causerie/cli/units.hpp"
#include "apps/causerie/verbs/client.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

std::string dropped_text(const nlohmann::json& counters) {
  std::string text;
  for (const auto& [name, value] : counters.items())
    if (name.find("dropped") != name.npos && value != "0")
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, value.get<std::string>());
  return text.empty() ? "nothing" : text;
}

std::string show_status(console& terminal, const nlohmann::json& status) {
  const auto line = [&](const char* key, const std::string& value) {
    terminal.out(fmt::format("{:<8}  {}\n", key, printable(value)));
  };
  std::string groups;
  for (const auto& group : status["groups"])
    groups += (groups.empty() ? "" : ", ") + group.get<std::string>();
  const auto& seen = status["members"];
  line("name", status["name"]);
  line("id", status["id"]);
  line("address", status["address"]);
  line("cluster", status["cluster"]);
  line("up", duration_text(std::chrono::milliseconds{status["up_ms"].get<std::int64_t>()}));
  line("groups", groups.empty() ? "none" : groups);
  line("members", fmt::format("{} alive, {} suspect, {} dead", seen["alive"].get<int>(),
                              seen["suspect"].get<int>(), seen["dead"].get<int>()));
  line("dropped", dropped_text(status["counters"]));
  for (const auto& [name, value] : status["counters"].items())
    if (terminal.verbosity() > 0 && value != "0")
      terminal.out(fmt::format("  {:<40} {:>14}\n", name, value.get<std::string>()));
  return fmt::format("{} runs as process {}; -v shows all counters",
                     printable(status["name"].get<std::string>()),
                     status["pid"].get<std::int64_t>());
}

exit_code run_status(invocation& run) { return show_answer(run, {{"do", "status"}}, show_status); }

}  // namespace

verb_spec status_verb() {
  return {.name = "status",
          .summary = "what the local node is and how it fares",
          .about =
              "Shows a local node: name, address, groups, members, and what it has dropped and\n"
              "why. -v shows every counter.",
          .positionals = {},
          .flags = {watch_flag()},
          .run = run_status};
}

}  // namespace causerie::apps
