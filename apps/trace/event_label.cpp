// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include "apps/trace/exporters.hpp"

namespace causerie::trace {

std::string event_label(const run_event& event) {
  auto text = std::string{name_of(event.kind)};
  if (!event.message.empty()) text += " " + event.message;
  if (event.held_ns >= 1000) {
    const auto ms = static_cast<double>(event.held_ns) / 1e6;
    const bool waits = event.kind == event_kind::hold || event.kind == event_kind::lack;
    text += fmt::format(", {} {:.3f} ms", waits ? "for" : "held for", ms);
  }
  if (!event.text.empty()) text += fmt::format(" ({})", event.text);
  return text;
}

}  // namespace causerie::trace
