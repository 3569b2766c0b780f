// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "apps/trace/run.hpp"

namespace causerie::trace {

/// Takes pieces of a text, in order.
using sink = std::function<void(std::string_view)>;

/// JSON Lines, schema `causerie.trace/1`: one event a line.
void write_lines(const run& told, const sink& to);
/// Chrome trace events, as Perfetto and chrome://tracing open them: a thread per node, a slice per
/// event, an arrow per delivery, and a slice of its own kind for time held back.
void write_chrome(const run& told, const sink& to);
/// The log that ShiViz takes with its default expression: the event, then `host {clock}`. The
/// vector clocks come from who sent what to whom, not from the protocol's clocks.
void write_shiviz(const run& told, const sink& to);
/// A space-time diagram: one page that needs nothing but a browser.
void write_page(const run& told, const sink& to);
/// A space-time diagram of the last `events_max` events for a terminal: a column per node.
[[nodiscard]] std::string terminal_text(const run& told, std::size_t events_max);

/// An event for people, without its node and time: `deliver n2.1:7, held for 1.2 ms`.
[[nodiscard]] std::string event_label(const run_event& event);

}  // namespace causerie::trace
