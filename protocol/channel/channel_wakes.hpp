// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "protocol/time.hpp"

namespace causerie::protocol {

/// Who wants to be woken when. `T` has `armed` (optional instant, ours alone) and `slot` (its
/// number, which breaks ties, so that the order is the same in every run). A wish that moves
/// later is served at its old time: cheaper than moving it at every frame, and waking too early
/// is harmless. O(log n) where a wish is new or earlier, else O(1).
template <class T>
class channel_wakes {
public:
  void wish(T& who, std::optional<instant> at) {
    if (!at || (who.armed && *who.armed <= *at)) return;
    forget(who);
    who.armed = at;
    wishes_.insert({{*at, who.slot}, &who});
  }
  void forget(T& who) {
    if (who.armed) wishes_.erase({{*who.armed, who.slot}, &who});
    who.armed.reset();
  }
  /// One whose time has come, or null; it is no longer armed.
  [[nodiscard]] T* due(instant now) {
    if (wishes_.empty() || wishes_.begin()->first.first > now) return nullptr;
    auto* who = wishes_.begin()->second;
    forget(*who);
    return who;
  }
  [[nodiscard]] std::optional<instant> next() const {
    if (wishes_.empty()) return std::nullopt;
    return wishes_.begin()->first.first;
  }

private:
  using wish_at = std::pair<std::pair<instant, std::uint32_t>, T*>;
  struct by_time {
    bool operator()(const wish_at& a, const wish_at& b) const noexcept {
      return a.first < b.first;  // Never by address.
    }
  };
  std::set<wish_at, by_time> wishes_;
};

}  // namespace causerie::protocol
