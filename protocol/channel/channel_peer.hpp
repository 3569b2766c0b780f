// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "protocol/channel/channel_receiver.hpp"
#include "protocol/channel/channel_sender.hpp"
#include "protocol/channel/link_share.hpp"
#include "protocol/channel/receive_budget.hpp"

namespace causerie::protocol {

/// All channels to and from one node, and what is known of it. Has no rules of its own: see
/// channel_table.
struct channel_peer {
  channel_peer(node_id who, std::uint32_t number, const channel_config& config, node_budget& node)
      : id{who}, budget{config, node}, slot{number} {}
  channel_peer(const channel_peer&) = delete;
  channel_peer& operator=(const channel_peer&) = delete;

  node_id id;
  boot_epoch life{};  ///< The latest known; zero: none yet.
  bool down = false;
  bool failed = false;  ///< Down for longer than patience: nothing waits for it any more.
  std::optional<instant> fails_at;

  receive_budget budget;
  link_share share;
  std::map<std::string, std::unique_ptr<channel_sender>, std::less<>> senders;
  std::map<std::string, std::unique_ptr<channel_receiver>, std::less<>> receivers;
  std::map<std::uint64_t, channel_sender*> senders_by_cid;
  std::map<std::uint64_t, channel_receiver*> receivers_by_cid;

  std::deque<channel_sender*> turn;  ///< Senders that may have a frame, in round robin.
  bool in_turn = false;

  bool control_blocked = false;
  std::deque<outgoing_frame> kept;          ///< Control frames that the link did not take.
  std::deque<channel_receiver*> acks_kept;  ///< To be made when the link takes control frames.

  std::optional<instant> armed;  ///< For channel_wakes.
  std::uint32_t slot;            ///< For channel_wakes.
};

}  // namespace causerie::protocol
