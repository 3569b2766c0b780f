// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "protocol/random.hpp"

namespace causerie::net {

/// Loss in bursts: a path is good or bad, and changes at random, datagram by datagram.
/// Gilbert, "Capacity of a burst-noise channel", BSTJ 39(5), 1960; Elliott, BSTJ 42(5), 1963.
struct burst_loss {
  double enter = 0;     ///< Probability, per datagram, that a good path turns bad. 0: never.
  double leave = 0.1;   ///< Probability that a bad one turns good: bursts of 1/leave datagrams.
  double loss_bad = 1;  ///< Probability that a bad path loses a datagram.

  /// Whether the next datagram is lost; `bad` is the state of its path.
  [[nodiscard]] bool loses(bool& bad, protocol::random_source& chance) const {
    if (enter <= 0) return bad = false;  // Bursts are over: no path stays bad behind them.
    if (chance.chance(bad ? leave : enter)) bad = !bad;
    return bad && chance.chance(loss_bad);
  }
};

}  // namespace causerie::net
