// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>

#include "protocol/time.hpp"

namespace causerie::protocol {

/// How much may be on its way at once. One controller per path; bytes are whole datagrams.
class congestion {
public:
  virtual ~congestion() = default;

  /// A packet sent at `sent_at` was acknowledged. `in_flight` is what was on its way just before:
  /// a window that is not used does not grow.
  virtual void on_ack(std::size_t bytes, instant sent_at, std::size_t in_flight) = 0;
  /// Packets were lost, the newest of them sent at `sent_at`. Several losses of one round trip
  /// count once.
  virtual void on_loss(instant sent_at, instant now) = 0;
  /// Nothing got through for three probe timeouts: RFC 9002, section 7.6.
  virtual void on_persistent_congestion() = 0;
  [[nodiscard]] virtual std::size_t window_bytes() const = 0;
};

}  // namespace causerie::protocol
