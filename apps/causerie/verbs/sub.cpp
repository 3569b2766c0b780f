// SPDX-License-Identifier: BSL-1.0
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/verbs/client.hpp"
#include "apps/causerie/verbs/group_line.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

std::uint64_t cursor_of(const nlohmann::json& item) {
  return parse_count(item.value("cursor", "0")).value_or(0);
}

exit_code run_sub(invocation& run) {
  const auto count = run.given.count("count", UINT64_MAX);
  const auto from = run.given.count("from", 0);
  control_client client{chosen_node(run.chosen)};
  nlohmann::json request{{"do", "sub"}, {"group", run.given.text("GROUP")}};
  if (run.given.has("from")) request["after"] = 0;
  client.open_stream(std::move(request), patience_of(run));
  run.terminal.say(fmt::format("listening to {}", run.given.text("GROUP")));
  for (std::uint64_t seen = 0; seen < count;) {
    const auto item = client.next_item({});
    if (!item) break;
    if (cursor_of(*item) < from) continue;
    const auto line = group_line_of(*item);
    if (line.message) ++seen;
    if (run.terminal.json())
      run.terminal.answer(*item);
    else if (line.message)
      run.terminal.out(line.text + '\n');
    else
      run.terminal.say(line.text);
  }
  return exit_code::done;
}

}  // namespace

verb_spec sub_verb() {
  return {.name = "sub",
          .summary = "listen to a causal group until Ctrl-C",
          .about =
              "Prints what is said in GROUP, in causal order, from a local node, which joins\n"
              "the group if need be. No answer is printed before its question.",
          .positionals = {{"GROUP"}},
          .flags = {{.name = "count",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "end after so many messages"},
                    {.name = "from",
                     .kind = value_kind::count,
                     .placeholder = "CURSOR",
                     .summary = "begin with what the node still has from that cursor on"}},
          .run = run_sub};
}

}  // namespace causerie::apps
