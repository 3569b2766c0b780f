// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <iterator>
#include <memory>

#include "protocol/address.hpp"
#include "protocol/link/connection.hpp"

namespace causerie::protocol {

/// A handshake that this node began: a hello that is said again until an answer comes. The first
/// steps are short, because a lost first hello should cost a near or lossy peer little.
struct initiation {
  session_index index = 0;
  std::uint8_t attempt = 0;  ///< Of the last hello; wraps.
  std::size_t step = 0;
  instant began{}, sent_at{}, retry_at{};

  /// Up to a third is added by chance, so that two nodes do not keep in step.
  [[nodiscard]] static duration pause(std::size_t step, random_source& chance) {
    using std::chrono::milliseconds;
    constexpr milliseconds pauses[] = {milliseconds{100},  milliseconds{150},  milliseconds{200},
                                       milliseconds{300},  milliseconds{400},  milliseconds{600},
                                       milliseconds{1000}, milliseconds{2000}, milliseconds{4000},
                                       milliseconds{5000}};
    const duration base = pauses[std::min(step, std::size(pauses) - 1)];
    return base + chance.between(duration{0}, base / 3);
  }
};

/// A handshake that the peer began and this node answered. Nothing that exists is replaced until
/// the peer's first packet proves that the answer reached it.
struct response {
  static constexpr duration kept = std::chrono::seconds{5};

  std::unique_ptr<connection> made;
  socket_address from;
  instant sent_at{}, expires_at{};
  bool repeated = false;  ///< Answered twice: the round trip is ambiguous (Karn).
};

}  // namespace causerie::protocol
