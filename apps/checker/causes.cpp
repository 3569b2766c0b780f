// SPDX-License-Identifier: BSL-1.0
#include "apps/checker/causes.hpp"

#include <algorithm>

namespace causerie::checker {
namespace {

seen_message seen(const entry& delivered) {
  return {delivered.message, delivered.peer, delivered.peer_life, delivered.number};
}

std::optional<message_and_cause> first_after(const history& life, std::string_view cause) {
  const auto of = [](entry_kind kind, std::string_view message) {
    return [=](const entry& at) { return at.kind == kind && at.message == message; };
  };
  const auto end = life.entries.end();
  // Who sent it says nothing new of who waits for whom: its messages wait for each other anyway.
  if (std::any_of(life.entries.begin(), end, of(entry_kind::send, cause))) return std::nullopt;
  const auto heard = std::find_if(life.entries.begin(), end, of(entry_kind::deliver, cause));
  for (auto at = heard; at != end; ++at) {
    if (at->kind != entry_kind::send) continue;
    const auto own = std::find_if(at, end, of(entry_kind::deliver, at->message));
    if (own != end) return message_and_cause{seen(*heard), seen(*own)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<message_and_cause> first_after(std::span<const history* const> lives,
                                             std::string_view cause, std::string_view but) {
  for (const auto* life : lives)
    if (life->node != but)
      if (auto found = first_after(*life, cause)) return found;
  return std::nullopt;
}

}  // namespace causerie::checker
