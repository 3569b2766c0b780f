// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>

namespace causerie::protocol {

using duration = std::chrono::nanoseconds;

/// A clock that is always given, never asked: it has no `now()`, so protocol code that tries to
/// read the time does not compile. Whoever drives a machine decides what time it is.
struct given_clock {
  using duration = protocol::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<given_clock>;
  static constexpr bool is_steady = true;
};

/// A point in a node's own monotonic time. Points of different nodes are not comparable.
using instant = given_clock::time_point;

/// Wall-clock time, milliseconds since 1970 UTC: shown to people, never used to order anything.
using wall_time = std::chrono::time_point<given_clock, std::chrono::milliseconds>;

}  // namespace causerie::protocol
