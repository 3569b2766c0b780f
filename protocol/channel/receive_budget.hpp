// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

#include "protocol/channel/channel_config.hpp"

namespace causerie::protocol {

/// Memory that received messages may take, over all channels of the node.
struct node_budget {
  std::uint64_t bytes = 0;
};

/// What bytes are held for. Bytes of messages that overtook others may fill three quarters of a
/// budget only: the rest is for the ones they wait for, so that waiting always ends.
enum class held_bytes : std::uint8_t {
  in_order,   ///< Of messages that fit a window; complete, or reserved for one being put together.
  ahead,      ///< Of frames that overtook others.
  oversized,  ///< Of messages larger than a window: a pool of their own, so that one of them
              ///< never stops the other channels of its link.
};

/// The same over all channels of one peer, charged to the node's as well.
class receive_budget {
public:
  receive_budget(const channel_config& config, node_budget& node) noexcept
      : config_{&config}, node_{&node} {}

  /// Takes `bytes`, or nothing and false.
  [[nodiscard]] bool take(held_bytes kind, std::uint64_t bytes) noexcept {
    if (!fits(kind, bytes)) return false;
    (kind == held_bytes::oversized ? oversized_ : ordinary_) += bytes;
    node_->bytes += bytes;
    return true;
  }
  void give_back(held_bytes kind, std::uint64_t bytes) noexcept {
    (kind == held_bytes::oversized ? oversized_ : ordinary_) -= bytes;
    node_->bytes -= bytes;
  }
  /// What may be promised to one channel more without promising everything to it.
  [[nodiscard]] std::uint64_t promise() const noexcept {
    const auto link = left(ordinary_, config_->link_bytes_max) / 2;
    const auto node = left(node_->bytes, config_->node_bytes_max) / 4;
    return link < node ? link : node;
  }
  /// Could a message of this cost ever be taken?
  [[nodiscard]] bool possible(std::uint64_t payload_bytes) const noexcept {
    return payload_bytes <= config_->message_bytes_max &&
           payload_bytes <= config_->link_bytes_max && payload_bytes <= config_->node_bytes_max;
  }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return ordinary_ + oversized_; }

private:
  [[nodiscard]] static std::uint64_t left(std::uint64_t used, std::uint64_t max) noexcept {
    return used < max ? max - used : 0;
  }
  [[nodiscard]] bool fits(held_bytes kind, std::uint64_t bytes) const noexcept {
    const auto used = kind == held_bytes::oversized ? oversized_ : ordinary_;
    auto link = static_cast<std::uint64_t>(config_->link_bytes_max);
    auto node = static_cast<std::uint64_t>(config_->node_bytes_max);
    if (kind == held_bytes::ahead) {
      link -= link / 4;
      node -= node / 4;
    }
    // An empty pool takes one message of any legal size, overhead included.
    if (kind == held_bytes::oversized && used == 0 && node_->bytes == 0) return true;
    return bytes <= left(used, link) + (kind == held_bytes::oversized && used == 0 ? 64 : 0) &&
           bytes <= left(node_->bytes, node);
  }

  const channel_config* config_;
  node_budget* node_;
  std::uint64_t ordinary_ = 0;
  std::uint64_t oversized_ = 0;
};

}  // namespace causerie::protocol
