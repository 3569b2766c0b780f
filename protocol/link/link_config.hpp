// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string>

#include "protocol/time.hpp"

namespace causerie::protocol {

/// Settings of all links of a node. The defaults are PROTOCOL decisions; see each line.
struct link_config {
  std::string cluster = "causerie";           ///< Nodes of other clusters are not answered.
  std::size_t datagram_bytes_max = 1200;      ///< RFC 8899 base path MTU; discovery comes later.
  std::size_t lane_bytes_max = 256 * 1024;    ///< Queued, per peer and lane.
  std::size_t pending_bytes_max = 64 * 1024;  ///< Queued in all while a link is not open yet.
  std::size_t peers_max = 4096;
  std::size_t half_open_max = 4096;  ///< Handshakes begun by others, kept at most 5 s.
  duration unreachable_after = std::chrono::seconds{90};
};

}  // namespace causerie::protocol
