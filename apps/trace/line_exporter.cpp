// SPDX-License-Identifier: BSL-1.0
#include <nlohmann/json.hpp>

#include "apps/trace/exporters.hpp"

namespace causerie::trace {

void write_lines(const run& told, const sink& to) {
  for (std::size_t i = 0; i < told.events.size(); ++i) {
    const auto& event = told.events[i];
    nlohmann::ordered_json line{{"schema", "causerie.trace/1"},
                                {"event", i},
                                {"at_ns", std::to_string(event.at_ns)},
                                {"node", told.nodes[event.node]},
                                {"kind", name_of(event.kind)}};
    if (!event.message.empty()) line["message"] = event.message;
    if (!event.where.empty()) line["where"] = event.where;
    if (event.cause) line["cause"] = *event.cause;
    if (event.held_ns != 0) line["held_ns"] = event.held_ns;
    if (!event.text.empty()) line["text"] = event.text;
    to(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }
}

}  // namespace causerie::trace
