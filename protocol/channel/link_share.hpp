// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "protocol/time.hpp"

namespace causerie::protocol {

/// How much of a peer's link the channels may fill: without it they would write whole windows
/// into a lane that refuses most, again and again. Grows while the link takes everything; shrinks
/// to what the link took when it refuses.
class link_share {
public:
  static constexpr std::size_t bytes_min = 64 * 1024;
  static constexpr std::size_t bytes_first = 256 * 1024;
  static constexpr std::size_t bytes_limit = 16u << 20;

  [[nodiscard]] bool room() const noexcept { return !blocked_ && bytes_ < bytes_max_; }
  [[nodiscard]] bool blocked() const noexcept { return blocked_; }
  void took(std::size_t bytes) noexcept { bytes_ += bytes; }
  /// Frames left the link one way or another.
  void released(std::size_t bytes) noexcept {
    if (2 * bytes_ > bytes_max_) bytes_max_ = std::min(bytes_max_ + bytes, bytes_limit);
    bytes_ -= std::min(bytes, bytes_);
  }
  /// After `released` of the frame that was refused.
  void refused() noexcept {
    blocked_ = true;
    bytes_max_ = std::max(bytes_, bytes_min);
  }
  void unblocked() noexcept { blocked_ = false; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  duration round_trip = std::chrono::milliseconds{50};  ///< As last reported, or a guess.

private:
  std::size_t bytes_ = 0;
  std::size_t bytes_max_ = bytes_first;
  bool blocked_ = false;
};

}  // namespace causerie::protocol
