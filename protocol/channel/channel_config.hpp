// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>

#include "protocol/time.hpp"

namespace causerie::protocol {

/// Settings of all private channels of a node.
struct channel_config {
  std::size_t queue_bytes_max = 1u
                                << 20;  ///< Waiting at the sender, per channel; then would_block.
  std::size_t queue_messages_max = 1024;
  std::size_t message_bytes_max = 16u << 20;
  std::size_t window_bytes = 256 * 1024;  ///< Receive window of a channel, grown up to the next.
  std::size_t window_bytes_max = 4u << 20;
  /// Receive budget over all channels of one peer; as much again for messages larger than
  /// `window_bytes`, so that one of them never stops the other channels.
  std::size_t link_bytes_max = 16u << 20;
  std::size_t node_bytes_max = 256u << 20;  ///< Receive budget over all channels of the node.
  std::size_t channels_per_peer_max = 1024;
  duration dead_peer_patience = std::chrono::seconds{30};  ///< H_ch: then queued sends fail.
};

}  // namespace causerie::protocol
