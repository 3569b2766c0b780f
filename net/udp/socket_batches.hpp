// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <system_error>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include "protocol/transport.hpp"

namespace causerie::net {

/// recvmmsg into slots of its own. What arrived is copied once, packed, into buffers of at most
/// 16 KiB: a slice that an application keeps for minutes then holds that much and not a whole slot.
class batch_receiver {
public:
  static constexpr std::size_t slots = 32;
  static constexpr std::size_t slot_bytes = 65'535;

  batch_receiver();

  struct received {
    protocol::datagram_batch batch;
    std::size_t truncated = 0;
    std::error_code error;  ///< EAGAIN when nothing (more) is there.
  };
  [[nodiscard]] received receive(int descriptor);

private:
  void unpack(std::size_t slot, std::size_t bytes, std::size_t segment, received& into);

  struct slot_space {
    sockaddr_storage from;
    alignas(cmsghdr) std::byte control[128];
    iovec vector;
  };
  std::unique_ptr<std::byte[]> bytes_;
  std::vector<slot_space> spaces_;
  std::vector<mmsghdr> headers_;
  protocol::byte_buffer packing_;
};

/// sendmmsg over a whole batch, with UDP_SEGMENT for runs of equal size to one peer.
class batch_sender {
public:
  static constexpr std::size_t messages_at_once = 64;
  static constexpr std::size_t segments_max = 64;
  static constexpr std::size_t train_bytes_max = 65'000;

  explicit batch_sender(bool v6_socket) noexcept : v6_{v6_socket} {}

  struct progress {
    std::size_t datagrams = 0;  ///< Handed to the kernel, or given up as unsendable.
    std::size_t failed = 0;     ///< Of those, given up.
    std::size_t calls = 0;
    bool blocked = false;  ///< The socket is full; go on when it is writable.
  };
  [[nodiscard]] progress send(int descriptor, std::span<const protocol::datagram> batch);
  [[nodiscard]] bool segments() const noexcept { return segments_; }
  void disable_segmentation() noexcept { segments_ = false; }

private:
  struct train {
    std::size_t first = 0, count = 0;
  };
  [[nodiscard]] train next_train(std::span<const protocol::datagram> batch, std::size_t at) const;

  bool v6_;
  bool segments_ = true;
};

}  // namespace causerie::net
