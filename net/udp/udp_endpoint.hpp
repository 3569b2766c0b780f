// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <memory>

#include <asio/io_context.hpp>

#include "protocol/transport.hpp"

namespace causerie::net {

/// One UDP socket, IPv4 or IPv6, moving batches: recvmmsg (and UDP_GRO) in, sendmmsg (and
/// UDP_SEGMENT for runs to one peer) out. Where the kernel refuses segmentation, it is off for
/// this socket for good. Datagrams are never fragmented (RFC 8899, section 4.1 needs that). An
/// IPv6 socket reaches IPv4 peers as well when it is bound to `[::]`.
///
/// Thread rule: `send` and `close` from any thread; receiver calls come from threads that run the
/// io_context, one at a time, and `close` waits for the one that is running, unless it is called
/// from there. The port is free when `close` returns, whether or not the context runs. Destroy the
/// endpoint before the context; an opened one may also be destroyed after it.
class udp_endpoint final : public protocol::transport {
public:
  struct counters {
    std::uint64_t received = 0, sent = 0, receive_calls = 0, send_calls = 0;
    std::uint64_t dropped_truncated = 0;   ///< Larger than any datagram of ours.
    std::uint64_t dropped_queue_full = 0;  ///< The kernel took nothing for too long.
    std::uint64_t send_errors = 0, refused = 0;
    std::uint64_t receive_buffer_bytes = 0, send_buffer_bytes = 0;  ///< As the kernel granted.
    bool segmentation = false;
  };

  /// Binds; port 0 takes any. Throws std::system_error (address in use, no permission, ...).
  udp_endpoint(asio::io_context& io, const protocol::socket_address& bind_to);
  ~udp_endpoint() override;

  void open(receiver to) override;
  void send(protocol::datagram_batch batch) override;
  [[nodiscard]] protocol::socket_address local_address() const override;
  void close() override;
  [[nodiscard]] counters counted() const;

private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace causerie::net
