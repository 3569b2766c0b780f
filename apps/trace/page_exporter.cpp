// SPDX-License-Identifier: BSL-1.0
#include <map>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/trace/diagram_template.hpp"
#include "apps/trace/exporters.hpp"

namespace causerie::trace {
namespace {

using json = nlohmann::ordered_json;

/// Inside a script element nothing may look like its end, or like a comment's beginning.
std::string for_script(const json& value) {
  const auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  }
  return safe;
}

/// The run column by column, which is small and quick to read: times as differences in
/// microseconds, texts as indexes.
json columns_of(const run& told) {
  auto at = json::array(), node = json::array(), kind = json::array(), message = json::array(),
       cause = json::array();
  auto held = json::object(), text = json::object(), messages = json::array();
  std::unordered_map<std::string_view, std::size_t> known;  // Looked up only.
  const auto zero = told.events.empty() ? 0 : told.events.front().at_ns;
  std::int64_t before_us = 0;
  for (std::size_t i = 0; i < told.events.size(); ++i) {
    const auto& event = told.events[i];
    const auto us = (event.at_ns - zero) / 1000;
    at.push_back(us - std::exchange(before_us, us));
    node.push_back(event.node);
    kind.push_back(static_cast<int>(event.kind));
    cause.push_back(event.cause ? static_cast<std::int64_t>(*event.cause) : -1);
    if (event.message.empty()) {
      message.push_back(-1);
    } else {
      const auto [found, fresh] = known.emplace(event.message, messages.size());
      if (fresh) messages.push_back(event.message);
      message.push_back(found->second);
    }
    if (event.held_ns >= 1000) held[std::to_string(i)] = event.held_ns / 1000;
    if (!event.text.empty()) text[std::to_string(i)] = event.text;
  }
  auto kinds = json::array();
  for (std::size_t i = 0; i < event_kinds; ++i)
    kinds.push_back(name_of(static_cast<event_kind>(i)));
  return {{"schema", "causerie.diagram/1"},
          {"title", told.title},
          {"virtual", told.virtual_time},
          {"zero_ms", told.virtual_time ? 0 : zero / 1'000'000},
          {"nodes", told.nodes},
          {"kinds", std::move(kinds)},
          {"messages", std::move(messages)},
          {"at", std::move(at)},
          {"node", std::move(node)},
          {"kind", std::move(kind)},
          {"message", std::move(message)},
          {"cause", std::move(cause)},
          {"held", std::move(held)},
          {"text", std::move(text)}};
}

}  // namespace

void write_page(const run& told, const sink& to) {
  constexpr std::string_view mark = "/*RUN*/";
  const std::string_view page = diagram_template();
  const auto place = page.find(mark);
  to(page.substr(0, place));
  to(for_script(columns_of(told)));
  to(page.substr(place + mark.size()));
}

}  // namespace causerie::trace
