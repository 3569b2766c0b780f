// SPDX-License-Identifier: BSL-1.0
#include "apps/checker/checker.hpp"

#include <algorithm>
#include <set>

#include "apps/checker/channel_check.hpp"
#include "apps/checker/group_check.hpp"
#include "apps/checker/ledger.hpp"

namespace causerie::checker {
namespace {

constexpr std::array<std::string_view, violation_kind_count> violation_names{"missing",
                                                                             "doubled",
                                                                             "invented",
                                                                             "altered",
                                                                             "causal inversion",
                                                                             "causal hole",
                                                                             "late gap",
                                                                             "delivered after gap",
                                                                             "outside membership",
                                                                             "false stable",
                                                                             "fifo inversion",
                                                                             "private missing",
                                                                             "private doubled",
                                                                             "private invented",
                                                                             "private altered",
                                                                             "false delivered",
                                                                             "false not_sent",
                                                                             "outcome doubled",
                                                                             "outcome missing",
                                                                             "id reused"};

std::set<std::string> groups_of(std::span<const history> lives) {
  std::set<std::string> groups;
  for (const auto& life : lives)
    for (const auto& what : life.entries) switch (what.kind) {
        case entry_kind::joined:
        case entry_kind::send:
        case entry_kind::deliver: groups.insert(what.where); break;
        default: break;
      }
  return groups;
}

}  // namespace

std::string_view name_of(violation_kind kind) noexcept {
  return violation_names[static_cast<std::size_t>(kind)];
}

bool verdict::holds() const noexcept {
  return std::all_of(counts.begin(), counts.end(), [](auto count) { return count == 0; });
}

verdict check(std::span<const history> lives, const check_options& options) {
  ledger book{lives, options};
  for (const auto& group : groups_of(lives)) check_group(lives, group, options, book);
  check_channels(lives, book);
  return book.finish();
}

}  // namespace causerie::checker
