// SPDX-License-Identifier: BSL-1.0
#include "journal/lineage.hpp"

#include <algorithm>

namespace causerie::journal {
namespace {

/// Lives of `mine` that are later than the last one it shares with `theirs`; all when none is.
std::size_t alone(const lineage& mine, const lineage& theirs) noexcept {
  const auto shared = std::find_if(mine.rbegin(), mine.rend(), [&](const life& one) {
    return std::ranges::any_of(theirs, [&](const life& other) {
      return one.epoch == other.epoch && one.token == other.token;
    });
  });
  return static_cast<std::size_t>(shared - mine.rbegin());
}

}  // namespace

kinship compare(const lineage& one, const lineage& other) noexcept {
  const auto ahead = alone(one, other);
  const auto behind = alone(other, one);
  if (ahead == one.size()) return kinship::strangers;
  if (ahead > 0 && behind > 0) return kinship::twins;
  if (ahead > 0) return kinship::newer;
  return behind > 0 ? kinship::older : kinship::same;
}

bool has_lived(const lineage& lives, protocol::boot_epoch epoch) noexcept {
  return std::ranges::any_of(lives, [epoch](const life& one) { return one.epoch == epoch; });
}

}  // namespace causerie::journal
