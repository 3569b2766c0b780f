// SPDX-License-Identifier: BSL-1.0
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/event_text.hpp"
#include "apps/causerie/cli/nearest.hpp"
#include "apps/causerie/verbs/client.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

constexpr std::string_view event_types[] = {"member", "actor", "cluster", "node", "send", "recv"};

/// A misspelt type would be waited for in vain.
void check_type(const std::string& type) {
  if (std::ranges::find(event_types, type) != std::end(event_types)) return;
  const auto near = nearest(type, event_types);
  throw usage_error(fmt::format("--type: '{}' is no type of event", type),
                    near.empty() ? fmt::format("one of {}", fmt::join(event_types, ", "))
                                 : fmt::format("did you mean '{}'?", near));
}

nlohmann::json type_list(const std::string& text) {
  auto types = nlohmann::json::array();
  for (std::size_t from = 0; from < text.size();) {
    const auto to = std::min(text.find(',', from), text.size());
    check_type(types.emplace_back(text.substr(from, to - from)).get<std::string>());
    from = to + 1;
  }
  return types;
}

exit_code run_watch(invocation& run) {
  control_client client{chosen_node(run.chosen)};
  nlohmann::json request{{"do", "watch"}, {"types", type_list(run.given.text("type"))}};
  if (run.given.has("since")) request["after"] = run.given.count("since", 0);
  const auto count = run.given.count("count", UINT64_MAX);
  client.open_stream(std::move(request), patience_of(run));
  for (std::uint64_t seen = 0; seen < count; ++seen) {
    const auto item = client.next_item({});
    if (!item) break;
    if (run.terminal.json())
      run.terminal.answer(*item);
    else
      run.terminal.out(fmt::format("{}  {}\n", item->value("at", ""), event_text(*item)));
  }
  return exit_code::done;
}

}  // namespace

verb_spec watch_verb() {
  return {.name = "watch",
          .summary = "what happens in the local node, as it happens",
          .about = "Prints events of a local node until Ctrl-C; JSON Lines with --json.",
          .positionals = {},
          .flags = {{.name = "type",
                     .kind = value_kind::text,
                     .placeholder = "T,...",
                     .summary = "only these: member, actor, cluster, node, send, recv"},
                    {.name = "since",
                     .kind = value_kind::count,
                     .placeholder = "ID",
                     .summary = "begin behind that event, as far as it is remembered"},
                    {.name = "count",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "end after so many"}},
          .run = run_watch};
}

}  // namespace causerie::apps
