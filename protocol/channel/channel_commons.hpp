// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "protocol/channel/channel_config.hpp"
#include "protocol/channel/channel_counters.hpp"
#include "protocol/channel/channel_set.hpp"
#include "protocol/random.hpp"

namespace causerie::protocol {

/// What all channels of a node share.
struct channel_commons {
  incarnation self;
  channel_config config;
  random_source chance;
  channel_counters counters{};
  std::deque<channel_set::output> outbox{};
  std::vector<channel_note> notes{};
  /// The first life whose durable channels are known here; zero: this node keeps nothing.
  boot_epoch kept_since{};
  instant now{};                   ///< As the last input said; never falls.
  std::uint64_t generation = 0;    ///< Of the youngest channel incarnation made here.
  std::uint64_t last_message = 0;  ///< The number of the youngest message sent.

  void advance(instant to) noexcept { now = std::max(now, to); }
  /// Grows even when the machine is rebuilt within one life of the node, as time does.
  std::uint64_t next_generation() noexcept {
    const auto micros = now.time_since_epoch().count() / 1000;
    generation =
        std::max(generation + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(micros, 1)));
    return generation;
  }
};

}  // namespace causerie::protocol
