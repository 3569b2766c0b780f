// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <optional>

#include "protocol/random.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol::causal {

/// When to tell the others what this node has delivered. Soon while things change, rarer and rarer
/// when they do not, so that an idle group is silent and a busy one is not drowned in rows.
class row_clock {
public:
  static constexpr duration tail_delay = std::chrono::milliseconds{20};
  static constexpr duration busy_gap = std::chrono::milliseconds{5};
  /// Never `now` itself: a timer that is handled must lie in the past.
  static constexpr duration soon = std::chrono::microseconds{1};
  static constexpr duration dirty_gap_max = std::chrono::seconds{2};
  static constexpr duration clean_gap_max = std::chrono::seconds{30};

  [[nodiscard]] std::optional<instant> next() const noexcept { return next_; }
  [[nodiscard]] bool due(instant now) const noexcept { return next_ && *next_ <= now; }
  void stop() noexcept { next_.reset(); }

  /// The pace while things change: 200 ms, slower in larger groups, where every other member's row
  /// tells of the same losses.
  [[nodiscard]] static duration pace(std::size_t members) {
    return std::clamp<duration>(std::chrono::milliseconds{40} * members,
                                std::chrono::milliseconds{200}, std::chrono::seconds{1});
  }
  /// Something was delivered.
  void on_change(std::size_t members, instant now, random_source& chance) {
    gap_ = pace(members);
    const auto jittered = chance.between(gap_ * 4 / 5, gap_ * 6 / 5);
    pull_to(std::max(now + jittered / 2, last_ + jittered));
  }
  /// A bundle of our own went out: its loss would show in our next row.
  void on_bundle(std::size_t members, instant now) {
    const auto apart = members <= 3 ? tail_delay : pace(members);
    pull_to(std::max(now + tail_delay, last_ + apart));
  }
  /// A quarter of somebody's window was delivered: credit must not wait for the pace.
  void on_quarter(instant now) { pull_to(std::max(now + soon, last_ + busy_gap)); }
  void at_once(instant now) { pull_to(now + soon); }

  /// A row goes out (or need not). `changed`: since the one before. `dirty`: somebody seems to lack
  /// something.
  void on_row(bool changed, bool dirty, std::size_t members, instant now, random_source& chance) {
    const auto gap_max = dirty ? dirty_gap_max : clean_gap_max;
    gap_ = changed ? pace(members) : std::min<duration>(gap_ * 2, gap_max);
    gap_ = std::max(gap_, pace(members));
    last_ = now;
    next_ = now + chance.between(gap_ * 4 / 5, gap_ * 6 / 5);
  }

private:
  void pull_to(instant when) {
    if (!next_ || when < *next_) next_ = when;
  }

  std::optional<instant> next_;
  instant last_ = instant{} - std::chrono::hours{1};
  duration gap_ = std::chrono::milliseconds{200};
};

}  // namespace causerie::protocol::causal
