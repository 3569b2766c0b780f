// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/printable.hpp"
#include "apps/causerie/cli/units.hpp"
#include "apps/causerie/verbs/client.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

exit_code run_send(invocation& run) {
  const auto answer =
      ask_node(run, {{"do", "send"}, {"to", run.given.text("PEER")}, {"text", text_argument(run)}});
  if (run.terminal.json()) {
    run.terminal.answer(answer);
    return exit_code::done;
  }
  const duration took{static_cast<std::int64_t>(answer["took_us"].get<double>() * 1e3)};
  run.terminal.say(fmt::format("acknowledged by {} after {}",
                               printable(answer["to"].get<std::string>()), duration_text(took)));
  return exit_code::done;
}

}  // namespace

verb_spec send_verb() {
  return {.name = "send",
          .summary = "one private message; done when it is acknowledged",
          .about =
              "Sends one private message from a local node to PEER (a name, an id, or an\n"
              "unambiguous beginning of one). Exit 0 only when PEER has acknowledged it.\n"
              "TEXT '-' reads standard input.",
          .positionals = {{"PEER"}, {"TEXT", /*required=*/false}},
          .flags = {{.name = "file",
                     .kind = value_kind::text,
                     .placeholder = "F",
                     .summary = "the text is in this file"}},
          .run = run_send};
}

}  // namespace causerie::apps
