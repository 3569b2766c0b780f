// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

#include "protocol/time.hpp"

namespace causerie::simulation {

/// A node's own clock against the world's: set wrong by `skew`, running fast by `drift` parts per
/// million. Nodes never see the world's time.
struct node_clock {
  std::int64_t skew_ns = 0;
  std::int64_t drift_ppm = 0;

  static constexpr std::int64_t start_ns = 1'000'000'000'000;  // Keeps local time positive.
  static constexpr std::int64_t ppm = 1'000'000;

  [[nodiscard]] protocol::instant local(std::int64_t world_ns) const noexcept {
    return protocol::instant{
        protocol::duration{start_ns + skew_ns + world_ns + world_ns / ppm * drift_ppm}};
  }
  /// The first moment of the world at which the node's clock shows at least `at`.
  [[nodiscard]] std::int64_t world(protocol::instant at) const noexcept {
    const auto shown = at.time_since_epoch().count() - start_ns - skew_ns;
    auto guess = shown - shown / (ppm + drift_ppm) * drift_ppm;
    while (local(guess) < at) guess += (at - local(guess)).count();
    return guess;
  }
};

}  // namespace causerie::simulation
