// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "protocol/membership/presence_directory.hpp"
#include "protocol/membership/roster.hpp"
#include "protocol/membership/swim_datagram.hpp"

namespace causerie::protocol::swim {

/// The gone are told to others for this long only; a stale Alive that comes back later is answered
/// by telling the one it is about.
inline constexpr duration gone_shared = std::chrono::minutes{10};

/// A member's record as push-pull sends it: with name and address whatever its state. A Suspect is
/// the first accuser's word, a Dead that of `teller`: who merely passes a doubt on confirms
/// nothing.
[[nodiscard]] member_record full_record(const member_view& view, const node_id& teller);

/// Equal digests: the same live members in the same lives, in the same groups.
[[nodiscard]] std::uint64_t state_digest(const roster& members,
                                         const presence_directory& presences);

/// Push-pull (memberlist's name; SWIM relies on gossip alone): a node's state, or the `wanted`
/// ranges of it, cut into parts of at most `datagram_bytes_max` bytes. Each part names the keys it
/// covers, so parts need no order, no count and no snapshot: whoever misses some asks for the gaps.
struct exchange_answer {
  const roster& members;
  const presence_directory& presences;
  header head;
  std::uint64_t nonce = 0;
  instant now;

  /// At most `parts_max` parts; the last one is marked as such. Asking again brings the rest.
  [[nodiscard]] std::vector<swim_datagram> parts(std::span<const key_range> wanted,
                                                 std::size_t parts_max) const;
};

}  // namespace causerie::protocol::swim
