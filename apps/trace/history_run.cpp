// SPDX-License-Identifier: BSL-1.0
#include <map>

#include <fmt/format.h>

#include "apps/trace/run_reader.hpp"

namespace causerie::trace {
namespace {

using checker::entry_kind;

std::optional<event_kind> kind_of(entry_kind kind) {
  switch (kind) {
    case entry_kind::start: return event_kind::start;
    case entry_kind::joined:
    case entry_kind::resumed: return event_kind::joined;
    case entry_kind::send: return event_kind::send;
    case entry_kind::deliver: return event_kind::deliver;
    case entry_kind::refused:
    case entry_kind::private_refused: return event_kind::refused;
    case entry_kind::gap: return event_kind::gap;
    case entry_kind::ended: return event_kind::ended;
    case entry_kind::private_send: return event_kind::whisper;
    case entry_kind::private_deliver: return event_kind::hear;
    case entry_kind::outcome: return event_kind::outcome;
    case entry_kind::restart: return event_kind::restart;
    case entry_kind::finish: return event_kind::finish;
    case entry_kind::accepted:
    case entry_kind::private_accepted:
    case entry_kind::stable: break;  // Nobody looks for stable cuts among messages.
  }
  return std::nullopt;
}

using name_map = std::map<std::string, std::string>;

std::string gap_text(const checker::entry& gap, const name_map& names) {
  auto text = gap.text;
  for (const auto& range : gap.ranges) {
    const auto named = names.find(range.node);
    text += fmt::format("; {}:{}-{}", named == names.end() ? range.node : named->second,
                        range.first, range.last);
  }
  return text;
}

}  // namespace

run run_of(const std::vector<checker::history>& lives, std::string title) {
  run told{.title = std::move(title), .virtual_time = false, .nodes = {}, .events = {}};
  name_map names;  // Of ids: other nodes may be named by those.
  for (const auto& life : lives) {
    (void)told.node(life.node);
    for (const auto& entry : life.entries)
      if (entry.kind == entry_kind::start && !entry.peer.empty()) names[entry.peer] = life.node;
  }
  for (const auto& life : lives) {
    const auto node = told.node(life.node);
    for (const auto& entry : life.entries) {
      const auto kind = kind_of(entry.kind);
      if (!kind) continue;
      auto& event = told.events.emplace_back();
      event.at_ns = entry.at_ns;
      event.node = node;
      event.kind = *kind;
      event.message = entry.message;
      event.where = entry.where;
      event.held_ns = entry.held_ns;
      event.text = entry.kind == entry_kind::gap ? gap_text(entry, names) : entry.text;
      if (*kind == event_kind::start) event.text = fmt::format("life {}", life.life);
    }
  }
  put_in_order(told);
  return told;
}

}  // namespace causerie::trace
