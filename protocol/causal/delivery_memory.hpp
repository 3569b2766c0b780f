// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "protocol/causal/group_event.hpp"
#include "protocol/causal/group_frames.hpp"

namespace causerie::protocol::causal {

/// When the last messages were delivered, and which were declared lost: for people who ask why.
/// Bounded; one store for each delivery.
class delivery_memory {
public:
  struct delivered {
    member_tag sender{};
    sequence last = 0;
    instant at{};
    std::uint32_t parts = 1;    ///< Fragments.
    std::uint32_t held_us = 0;  ///< Between its arrival and its delivery, as far as it fits.
  };
  struct lost {
    message_range what;
    gap_event::cause why{};
    instant at{};
  };

  void on_delivered(member_tag sender, sequence first, sequence last, instant at, duration held) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(held).count();
    const delivered one{sender, last, at, static_cast<std::uint32_t>(last - first + 1),
                        static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 0, UINT32_MAX))};
    if (ring_.size() < delivered_max) return ring_.push_back(one);
    ring_[oldest_] = one;
    oldest_ = oldest_ + 1 == delivered_max ? 0 : oldest_ + 1;
  }
  void on_lost(const message_range& what, gap_event::cause why, instant at) {
    lost_.push_back({what, why, at});
    if (lost_.size() > lost_max) lost_.pop_front();
  }

  struct found {
    const delivered* it = nullptr;      ///< None: never delivered, or forgotten.
    const delivered* before = nullptr;  ///< Delivered right before it.
  };
  /// O(what is remembered): the newest first.
  [[nodiscard]] found find(member_tag sender, sequence number) const {
    for (std::size_t back = 1; back <= ring_.size(); ++back) {
      const auto& one = at(ring_.size() - back);
      if (one.sender != sender || one.last < number || one.last - one.parts >= number) continue;
      return {&one, back < ring_.size() ? &at(ring_.size() - back - 1) : nullptr};
    }
    return {};
  }
  [[nodiscard]] const lost* find_lost(member_tag sender, sequence number) const {
    const auto match = std::find_if(lost_.rbegin(), lost_.rend(), [&](const lost& gap) {
      return gap.what.tag == sender && gap.what.first <= number && number <= gap.what.last;
    });
    return match == lost_.rend() ? nullptr : &*match;
  }

  static constexpr std::size_t delivered_max = 4096;
  static constexpr std::size_t lost_max = 256;  ///< Ranges.

private:
  /// The `index`-th oldest.
  [[nodiscard]] const delivered& at(std::size_t index) const {
    return ring_[(oldest_ + index) % ring_.size()];
  }

  std::vector<delivered> ring_;
  std::size_t oldest_ = 0;
  std::deque<lost> lost_;
};

}  // namespace causerie::protocol::causal
