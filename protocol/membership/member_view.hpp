// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/address.hpp"
#include "protocol/ids.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol {

enum class member_state : std::uint8_t { alive, suspect, dead, left };

/// Who found a member silent, and whether its host said besides that nobody listens there (ICMP).
struct accusation {
  node_id accuser;
  bool refused = false;
  friend bool operator==(const accusation&, const accusation&) = default;
};

/// A member of the cluster as one node sees it.
struct member_view {
  incarnation who;
  std::string name;  ///< What its owner called it; for people, not unique.
  socket_address address;
  member_state state{};
  std::uint32_t refutations = 0;  ///< SWIM's incarnation number, within this epoch.
  std::optional<duration> round_trip;
  std::optional<instant> last_heard;
  /// By whom it is suspected, or was when it died; the first few.
  std::vector<accusation> accusations;
  /// Lifeguard's local health multiplier, 0 (well) to 7: a node knows its own alone.
  std::optional<std::uint32_t> health;
};

}  // namespace causerie::protocol
