// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>
#include <system_error>
#include <vector>

#include "protocol/address.hpp"
#include "protocol/bytes.hpp"

namespace causerie::protocol {

/// One UDP datagram: `peer` is where it goes, or where it came from.
struct datagram {
  socket_address peer;
  shared_bytes bytes;
};
using datagram_batch = std::vector<datagram>;

/// What a node asks of a network. Implemented by the UDP endpoint, the fault layer (a decorator)
/// and the simulated network. Datagrams may be lost, doubled, reordered or altered; nothing else
/// is promised. Batches keep the cost of a system call off the single message.
class transport {
public:
  /// `on_datagrams` takes each received batch, never empty. `on_refused` is a hint that no
  /// process listens at an address (ICMP port unreachable): spoofable, so never proof.
  struct receiver {
    std::function<void(datagram_batch)> on_datagrams;
    std::function<void(socket_address)> on_refused;
  };

  virtual ~transport() = default;

  /// Starts receiving. Call once, before `send`.
  virtual void open(receiver to) = 0;
  /// Hands the batch over; never blocks. What the network cannot take now is dropped and counted.
  virtual void send(datagram_batch batch) = 0;
  /// Where others reach this node; the port is the one really bound.
  [[nodiscard]] virtual socket_address local_address() const = 0;
  /// Stops receiving: no receiver call begins after this returns. Harmless twice.
  virtual void close() = 0;
};

}  // namespace causerie::protocol
