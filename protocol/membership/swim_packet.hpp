// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

#include "protocol/address.hpp"
#include "protocol/ids.hpp"

namespace causerie::protocol {

enum class probe_kind : std::uint8_t { ping, ack, ping_request, nack };

/// The probing part of a swim packet. SWIM, section 3.1; Lifeguard's NACK.
struct probe_message {
  probe_kind kind{};
  incarnation from;         ///< Who sends this packet. Filled in from the header on receipt.
  socket_address address;   ///< Where it goes when sent; where it came from when received.
  std::uint64_t nonce = 0;  ///< Echoed by ACK and NACK.
  incarnation target;       ///< ping: whom we mean. ping_request, and acks of one: whom to probe.
  socket_address target_address;  ///< ping_request: where the target is.
  bool suspected = false;  ///< ping: you are suspected (in `target`'s epoch); refute at once.
};

}  // namespace causerie::protocol
