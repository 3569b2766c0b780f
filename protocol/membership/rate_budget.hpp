// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>

#include "protocol/time.hpp"

namespace causerie::protocol::swim {

/// A token bucket: `a_second` things a second, and as many at once.
class rate_budget {
public:
  explicit rate_budget(std::size_t a_second) noexcept : a_second_{a_second}, left_{a_second} {}

  [[nodiscard]] std::size_t available(instant now) noexcept {
    const auto each = duration{std::chrono::seconds{1}} / static_cast<duration::rep>(a_second_);
    if (now - filled_ >= std::chrono::seconds{1}) {
      left_ = a_second_;
      filled_ = now;
    } else if (const auto earned = (now - filled_) / each; earned > 0) {
      left_ = std::min(a_second_, left_ + static_cast<std::size_t>(earned));
      filled_ += earned * each;
    }
    return left_;
  }
  /// Precondition: at most what is available.
  void spend(std::size_t count) noexcept { left_ -= count; }

private:
  std::size_t a_second_, left_;
  instant filled_{};
};

}  // namespace causerie::protocol::swim
