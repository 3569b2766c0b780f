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
  struct slot_space {
    sockaddr_storage from;
    alignas(cmsghdr) std::byte control[128];
    iovec vector;
  };
  struct piece {
    protocol::socket_address from;
    protocol::byte_view bytes;
  };

  void prepare();
  void split(std::size_t slot);
  [[nodiscard]] protocol::datagram_batch pack() const;

  std::unique_ptr<std::byte[]> bytes_;
  std::vector<slot_space> spaces_;
  std::vector<mmsghdr> headers_;
  std::vector<piece> pieces_;  // Datagrams of one call, still in their slots.
};

/// sendmmsg over a whole batch, with UDP_SEGMENT for runs of equal size to one peer. A kernel that
/// refuses such a run, but takes its datagrams one by one, is never offered another.
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

private:
  struct messages;
  enum class verdict { retry, give_up, blocked };

  [[nodiscard]] bool reaches(const protocol::socket_address& peer) const noexcept;
  [[nodiscard]] std::size_t train_at(std::span<const protocol::datagram> batch) const;
  void prepare(std::span<const protocol::datagram> batch, messages& into);
  [[nodiscard]] verdict judge(int error, std::size_t train, bool retried) noexcept;

  bool v6_;
  bool segments_ = true;
  bool suspected_ = false;  // A train has just failed; was it the train, or its datagrams?
  std::vector<iovec> vectors_;
};

}  // namespace causerie::net
