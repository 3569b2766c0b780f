// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/printable.hpp"
#include "apps/causerie/verbs/client.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

exit_code run_pub(invocation& run) {
  const auto group = run.given.text("GROUP");
  const auto answer =
      ask_node(run, {{"do", "pub"}, {"group", group}, {"text", text_argument(run)}});
  if (run.terminal.json())
    run.terminal.answer(answer);
  else
    run.terminal.say(fmt::format("said as {}", printable(answer["message"].get<std::string>())));
  return exit_code::done;
}

}  // namespace

verb_spec pub_verb() {
  return {.name = "pub",
          .summary = "say something to a causal group",
          .about =
              "Broadcasts TEXT to GROUP from a local node, which joins the group if need be.\n"
              "TEXT '-' reads standard input.",
          .positionals = {{"GROUP"}, {"TEXT", /*required=*/false}},
          .flags = {{.name = "file",
                     .kind = value_kind::text,
                     .placeholder = "F",
                     .summary = "the text is in this file"}},
          .run = run_pub};
}

}  // namespace causerie::apps
