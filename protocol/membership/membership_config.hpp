// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string>

#include "protocol/time.hpp"

namespace causerie::protocol {

struct membership_config {
  std::string cluster = "causerie";
  duration period = std::chrono::seconds{1};  ///< T: one probe a period.
  duration gossip_interval = std::chrono::milliseconds{200};
  duration push_pull_interval = std::chrono::seconds{30};
  std::size_t indirect_probes = 4;  ///< k members asked to ping for us.
  std::size_t piggyback_records_max = 8;
  std::size_t members_max = 2000;
  double suspicion_min_factor = 4;  ///< min = factor * max(1, log10 n) * T
  double suspicion_max_factor = 6;  ///< max = factor * min
  std::size_t suspicion_confirmations = 2;
  /// How many of a cluster look for themselves when they hear of a refusal, on average.
  std::size_t curious_members = 8;
  /// How many are sent a datagram with every probe only because their host might refuse it.
  std::size_t knocks = 3;
  /// For comparison alone (tests/bench): SWIM as of 2002, one datagram each way, without anything
  /// that Lifeguard and we have added against false deaths.
  bool plain_swim = false;

  /// For members that are a few milliseconds apart: the dead are found in half the time, for twice
  /// the packets. Who stands still for 2.5 s may be held dead, instead of for 5 s.
  [[nodiscard]] static membership_config lan() {
    membership_config config;
    config.period /= 2;
    config.gossip_interval /= 2;
    return config;
  }
};

}  // namespace causerie::protocol
