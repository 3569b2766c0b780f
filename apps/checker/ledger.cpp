// SPDX-License-Identifier: BSL-1.0
#include "apps/checker/ledger.hpp"

#include <utility>

namespace causerie::checker {

bool survives(const history& life) noexcept {
  return !life.entries.empty() && life.entries.back().kind == entry_kind::finish;
}

std::string_view id_of(const history& life) noexcept {
  if (life.entries.empty() || life.entries.front().kind != entry_kind::start) return {};
  return life.entries.front().peer;
}

bool is_called(const history& life, std::string_view name) noexcept {
  return life.node == name || (!name.empty() && id_of(life) == name);
}

ledger::ledger(std::span<const history> lives, const check_options& options)
    : listed_max_{options.violations_listed_max} {
  std::map<std::string_view, const history*> last;
  for (const auto& life : lives) {
    auto& mine = row(life.node);
    ++mine.lives;
    for (const auto& what : life.entries)
      if (what.kind == entry_kind::restart) ++mine.actor_restarts;
    auto& latest = last[life.node];
    if (latest == nullptr || latest->life < life.life) latest = &life;
  }
  for (const auto& [node, life] : last) row(node).survivor = survives(*life);
}

node_row& ledger::row(std::string_view node) {
  const auto found = rows_.find(node);
  if (found != rows_.end()) return found->second;
  auto& made = rows_[std::string{node}];
  made.node = node;
  return made;
}

verdict ledger::finish() {
  for (auto& [_, row] : rows_) {
    if (row.survivor) ++verdict_.survivors;
    verdict_.rows.push_back(std::move(row));
  }
  return std::move(verdict_);
}

}  // namespace causerie::checker
