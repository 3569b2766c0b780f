// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>

#include "protocol/causal/vector_clock.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol::causal {

/// Closed cuts that were stable, oldest first: the only places where history may begin, because a
/// joiner adopts such a place as its own clock.
class stable_cuts {
public:
  struct cut {
    instant at{};
    vector_clock clock;
  };

  void record(const vector_clock& stable, instant now) {
    if (!cuts_.empty() && cuts_.back().clock == stable) return;
    cuts_.push_back({now, stable});
    if (cuts_.size() <= cuts_max) return;
    // Thin out: every other one of the older half.
    std::deque<cut> kept;
    for (std::size_t i = 0; i < cuts_.size(); ++i)
      if (i >= cuts_.size() / 2 || i % 2 == 0) kept.push_back(std::move(cuts_[i]));
    cuts_ = std::move(kept);
  }
  [[nodiscard]] bool empty() const noexcept { return cuts_.empty(); }
  [[nodiscard]] const cut& oldest() const { return cuts_.front(); }
  [[nodiscard]] const cut& newest() const { return cuts_.back(); }
  void drop_oldest() { cuts_.pop_front(); }
  void clear() { cuts_.clear(); }
  void forget(member_tag tag) {
    for (auto& old : cuts_) old.clock.erase(tag);
  }
  void raise(member_tag tag, sequence last) {
    for (auto& old : cuts_) old.clock.raise(tag, last);
  }
  [[nodiscard]] std::size_t size() const noexcept { return cuts_.size(); }

  static constexpr std::size_t cuts_max = 64;

private:
  std::deque<cut> cuts_;
};

}  // namespace causerie::protocol::causal
