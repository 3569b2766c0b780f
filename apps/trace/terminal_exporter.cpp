// SPDX-License-Identifier: BSL-1.0
#include <algorithm>

#include <fmt/format.h>

#include "apps/trace/exporters.hpp"

namespace causerie::trace {
namespace {

constexpr std::size_t lane_columns = 4;

const char* sign_of(event_kind kind) {
  switch (kind) {
    case event_kind::send:
    case event_kind::whisper: return "O";
    case event_kind::deliver:
    case event_kind::hear: return "*";
    case event_kind::hold: return "~";
    case event_kind::lack:
    case event_kind::refused:
    case event_kind::gap: return "x";
    case event_kind::stop:
    case event_kind::ended: return "#";
    default: return "+";
  }
}

}  // namespace

/// One line an event: seconds, a column per node with a sign where it happened, and what it was.
std::string terminal_text(const run& told, std::size_t events_max) {
  std::string text = fmt::format("{:>12} ", "seconds");
  for (const auto& name : told.nodes)
    text += fmt::format(" {:<{}}", name.substr(0, lane_columns - 1), lane_columns - 1);
  text += "\n";
  const auto skip = told.events.size() - std::min(told.events.size(), events_max);
  const auto zero = told.events.empty() ? 0 : told.events.front().at_ns;
  for (auto i = skip; i < told.events.size(); ++i) {
    const auto& event = told.events[i];
    text += fmt::format("{:>12.6f} ", static_cast<double>(event.at_ns - zero) / 1e9);
    for (std::uint32_t node = 0; node < told.nodes.size(); ++node)
      text +=
          fmt::format(" {:<{}}", node == event.node ? sign_of(event.kind) : "|", lane_columns - 1);
    text += fmt::format(" {} {}", told.nodes[event.node], event_label(event));
    if (event.cause) text += fmt::format(" from {}", told.nodes[told.events[*event.cause].node]);
    text += "\n";
  }
  return text;
}

}  // namespace causerie::trace
