// SPDX-License-Identifier: BSL-1.0
#include "apps/trace/run.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace causerie::trace {
namespace {

constexpr std::array<std::string_view, event_kinds> kind_names{
    "start",   "joined",  "send", "deliver", "whisper", "hear",  "hold", "lack",
    "refused", "outcome", "gap",  "ended",   "restart", "fault", "stop", "finish"};

bool begins_message(event_kind kind) {
  return kind == event_kind::send || kind == event_kind::whisper;
}
bool continues_message(event_kind kind) {
  return kind == event_kind::deliver || kind == event_kind::hear || kind == event_kind::hold ||
         kind == event_kind::lack;
}

}  // namespace

std::string_view name_of(event_kind kind) noexcept {
  return kind_names[static_cast<std::size_t>(kind)];
}

std::uint32_t run::node(std::string_view name) {
  const auto found = std::ranges::find(nodes, name);
  if (found != nodes.end()) return static_cast<std::uint32_t>(found - nodes.begin());
  nodes.emplace_back(name);
  return static_cast<std::uint32_t>(nodes.size() - 1);
}

void put_in_order(run& of) {
  // Where clocks agree to the nanosecond, as virtual ones do, who sends comes before who hears.
  std::ranges::stable_sort(of.events, [](const run_event& a, const run_event& b) {
    if (a.at_ns != b.at_ns) return a.at_ns < b.at_ns;
    return begins_message(a.kind) && continues_message(b.kind);
  });
  std::unordered_map<std::string_view, std::uint32_t> sent;  // Looked up only, never walked.
  for (std::uint32_t i = 0; i < of.events.size(); ++i)
    if (begins_message(of.events[i].kind)) sent.emplace(of.events[i].message, i);
  for (auto& event : of.events) {
    event.cause.reset();
    if (!continues_message(event.kind)) continue;
    if (const auto found = sent.find(event.message); found != sent.end())
      event.cause = found->second;
  }
}

}  // namespace causerie::trace
