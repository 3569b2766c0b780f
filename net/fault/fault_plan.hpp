// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>
#include <string>

#include "protocol/address.hpp"
#include "protocol/time.hpp"

namespace causerie::net {

/// What a network does to datagrams on their way to one destination. All off by default.
struct link_faults {
  double loss = 0;       ///< Probability that a datagram vanishes, 0..1.
  double duplicate = 0;  ///< Probability that it arrives twice.
  double reorder = 0;    ///< Probability that it is held back behind later ones (`reorder_by`).
  double corrupt = 0;    ///< Probability that one bit is flipped.
  protocol::duration delay{};   ///< Added to every datagram.
  protocol::duration jitter{};  ///< Uniform in [0, jitter], on top.
  protocol::duration reorder_by = std::chrono::milliseconds{5};
  bool blocked = false;  ///< Nothing passes: one direction of a partition.

  friend bool operator==(const link_faults&, const link_faults&) = default;
  [[nodiscard]] bool none() const noexcept {
    return *this == link_faults{.reorder_by = reorder_by};
  }
};

/// Faults for every destination, with exceptions, and for what arrives.
struct fault_plan {
  link_faults everywhere;
  std::map<protocol::socket_address, link_faults> towards;  ///< Replaces `everywhere` there.
  /// Every datagram that arrives with these bytes in it is lost, whoever sends it: so that one
  /// message never comes. Empty: none. Sees what travels in the clear.
  std::string withheld{};

  [[nodiscard]] const link_faults& of(const protocol::socket_address& to) const {
    const auto found = towards.find(to);
    return found == towards.end() ? everywhere : found->second;
  }
  [[nodiscard]] bool none() const noexcept {
    if (!everywhere.none() || !withheld.empty()) return false;
    for (const auto& [_, faults] : towards)
      if (!faults.none()) return false;
    return true;
  }
};

}  // namespace causerie::net
