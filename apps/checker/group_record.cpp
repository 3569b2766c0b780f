// SPDX-License-Identifier: BSL-1.0
#include "apps/checker/group_record.hpp"

#include <fmt/format.h>

namespace causerie::checker {

group_record::group_record(std::span<const history> lives, std::string_view group, ledger& book) {
  for (const auto& life : lives) split_memberships(life, group, book);
  number_messages(book);
  resolve_deliveries(book);
}

/// The membership of an earlier life that a later one may go on with.
group_record::participant* group_record::interrupted(std::string_view node) {
  for (auto at = participants.rbegin(); at != participants.rend(); ++at)
    if (at->node() == node) return at->ended && at->left() ? nullptr : &*at;
  return nullptr;
}

void group_record::split_memberships(const history& life, std::string_view group, ledger& book) {
  std::uint32_t at = none;  // The membership that is open, if any.
  const auto open = [&](participant* earlier) {
    if (earlier == nullptr) participants.push_back({});
    at = static_cast<std::uint32_t>((earlier ? earlier : &participants.back()) -
                                    participants.data());
    participants[at].life = &life;
    participants[at].ended = false;
  };
  for (const auto& what : life.entries) {
    if (what.where != group) continue;
    switch (what.kind) {
      case entry_kind::joined:
        if (at == none) open(nullptr);
        break;
      case entry_kind::resumed:
        if (at == none) open(interrupted(life.node));
        break;
      case entry_kind::send:
      case entry_kind::accepted:
      case entry_kind::refused:
      case entry_kind::deliver:
      case entry_kind::gap:
      case entry_kind::stable:
      case entry_kind::ended: break;
      default: continue;
    }
    if (at != none) {
      participants[at].steps.push_back({&what, none, &life});
      if (what.kind != entry_kind::ended) continue;
      participants[at].ended = true;
      at = none;
    } else if (what.kind == entry_kind::deliver) {
      book.add(violation_kind::outside_membership, life.node, [&] {
        return fmt::format("{} delivered {} while not a member", life.node, what.message);
      });
    }
  }
}

/// A refused message never existed, so its id may be used again: looks from the back. One that was
/// on its way when a durable member's process died need not exist either, unless somebody saw it.
void group_record::drop_what_never_was(participant& author,
                                       const std::unordered_set<std::string_view>& delivered) {
  std::unordered_set<std::string_view> refused, accepted;
  bool died_since = false;
  for (auto at = author.steps.rbegin(); at != author.steps.rend(); ++at) {
    const auto& id = at->what->message;
    switch (at->what->kind) {
      case entry_kind::resumed: died_since = true; break;
      case entry_kind::accepted: accepted.insert(id); break;
      case entry_kind::refused: refused.insert(id); break;
      case entry_kind::send:
        if (refused.erase(id) != 0 ||
            (died_since && !accepted.contains(id) && !delivered.contains(id)))
          at->what = nullptr;
        break;
      default: break;
    }
  }
  std::erase_if(author.steps, [](const step& at) { return at.what == nullptr; });
}

void group_record::number_messages(ledger& book) {
  std::unordered_set<std::string_view> delivered;
  for (const auto& who : participants)
    for (const auto& at : who.steps)
      if (at.what->kind == entry_kind::deliver) delivered.insert(at.what->message);
  for (std::uint32_t p = 0; p < participants.size(); ++p) {
    auto& author = participants[p];
    author.first_message = static_cast<std::uint32_t>(messages.size());
    drop_what_never_was(author, delivered);
    for (auto& at : author.steps) {
      if (at.what->kind != entry_kind::send) continue;
      at.message = static_cast<std::uint32_t>(messages.size());
      const auto [_, fresh] = by_id.emplace(at.what->message, at.message);
      if (!fresh)
        book.add(violation_kind::id_reused, author.node(), [&] {
          return fmt::format("{} sent a second message as {}", author.node(), at.what->message);
        });
      messages.push_back({.author = p,
                          .index = ++author.message_count,
                          .hash = at.what->hash,
                          .sent_at_ns = at.what->at_ns,
                          .sent = at.what,
                          .life = at.life});
    }
    book.row(author.node()).sent += author.message_count;
  }
  book.so_far().messages += messages.size();
}

void group_record::resolve_deliveries(ledger& book) {
  for (auto& who : participants) {
    for (auto& at : who.steps)
      if (at.what->kind == entry_kind::deliver) resolve(who, at, book);
    std::erase_if(who.steps, [](const step& at) {
      return at.what->kind == entry_kind::deliver && at.message == none;
    });
  }
}

void group_record::resolve(participant& who, step& at, ledger& book) {
  const auto& what = *at.what;
  ++book.row(who.node()).delivered;
  ++book.so_far().deliveries;
  const auto found = by_id.find(what.message);
  if (found == by_id.end()) {
    book.add(violation_kind::invented, who.node(), [&] {
      return fmt::format("{} delivered {}, which nobody sent", who.node(), what.message);
    });
    return;
  }
  at.message = found->second;
  auto& sent = messages[found->second];
  const auto& author = *sent.life;
  if (sent.number == 0) sent.number = what.number;
  const bool same_author =
      what.peer.empty() ||
      (is_called(author, what.peer) && (what.peer_life == 0 || what.peer_life == author.life));
  if (sent.hash == what.hash && same_author && sent.number == what.number) return;
  book.add(violation_kind::altered, who.node(), [&] {
    return fmt::format("{} delivered {} of {} with another {}", who.node(), what.message,
                       author.node,
                       sent.hash != what.hash ? "payload"
                       : same_author          ? "number"
                                              : "author");
  });
}

}  // namespace causerie::checker
