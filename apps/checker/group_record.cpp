// SPDX-License-Identifier: BSL-1.0
#include "apps/checker/group_record.hpp"

#include <fmt/format.h>

#include <unordered_set>

namespace causerie::checker {

group_record::group_record(std::span<const history> lives, std::string_view group, ledger& book) {
  for (const auto& life : lives) split_memberships(life, group, book);
  number_messages(book);
  resolve_deliveries(book);
}

void group_record::split_memberships(const history& life, std::string_view group, ledger& book) {
  bool member = false;
  for (const auto& what : life.entries) {
    if (what.where != group) continue;
    switch (what.kind) {
      case entry_kind::joined:
        if (!member) participants.push_back({.life = &life});
        member = true;
        break;
      case entry_kind::send:
      case entry_kind::refused:
      case entry_kind::deliver:
      case entry_kind::gap:
      case entry_kind::stable:
      case entry_kind::ended: break;
      default: continue;
    }
    if (member) {
      participants.back().steps.push_back({&what});
      if (what.kind != entry_kind::ended) continue;
      participants.back().ended = true;
      member = false;
    } else if (what.kind == entry_kind::deliver) {
      book.add(violation_kind::outside_membership, life.node, [&] {
        return fmt::format("{} delivered {} while not a member", life.node, what.message);
      });
    }
  }
}

void group_record::number_messages(ledger& book) {
  for (std::uint32_t p = 0; p < participants.size(); ++p) {
    auto& author = participants[p];
    author.first_message = static_cast<std::uint32_t>(messages.size());
    std::unordered_set<std::string_view> refused;
    // A refused message never existed, so its id may be used again: look from the back.
    for (auto at = author.steps.rbegin(); at != author.steps.rend(); ++at) {
      if (at->what->kind == entry_kind::refused) refused.insert(at->what->message);
      if (at->what->kind == entry_kind::send && refused.erase(at->what->message) != 0)
        at->what = nullptr;
    }
    std::erase_if(author.steps, [](const step& at) { return at.what == nullptr; });
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
                          .sent = at.what});
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
  const auto& author = *participants[sent.author].life;
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
