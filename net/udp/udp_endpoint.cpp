// SPDX-License-Identifier: BSL-1.0
#include "net/udp/udp_endpoint.hpp"

#include <linux/errqueue.h>
#include <netinet/ip.h>
#include <netinet/udp.h>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/udp.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <atomic>
#include <deque>
#include <mutex>

#include "net/udp/sockaddr.hpp"
#include "net/udp/socket_batches.hpp"

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace causerie::net {
namespace {

using asio::ip::udp;

constexpr int buffer_bytes_wanted = 4 << 20;
constexpr std::size_t queued_datagrams_max = 4096;

udp::endpoint to_endpoint(const protocol::socket_address& address) {
  sockaddr_storage storage{};
  const auto size = to_sockaddr(address, !address.is_v4(), storage);
  udp::endpoint endpoint;
  std::memcpy(endpoint.data(), &storage, size);
  endpoint.resize(size);
  return endpoint;
}

}  // namespace

struct udp_endpoint::state : std::enable_shared_from_this<state> {
  state(asio::io_context& io, const protocol::socket_address& bind_to);

  asio::awaitable<void> receive_loop();
  asio::awaitable<void> write_loop();
  void drain_error_queue();
  void pass_on(protocol::datagram_batch batch);
  /// Sends what it can; the rest waits in `queue`. Under `send_mutex`.
  void transmit(protocol::datagram_batch batch);
  void set_option(int level, int name, int value) noexcept {
    (void)setsockopt(descriptor, level, name, &value, sizeof value);
  }

  udp::socket socket;
  int descriptor = -1;
  bool v6 = false;
  protocol::socket_address local;
  batch_receiver receiver_slots;

  std::mutex receive_mutex;  // Held while the receiver is called: `close` waits for that.
  receiver to;
  std::atomic<bool> closed = false;

  mutable std::mutex send_mutex;
  batch_sender sender;
  std::deque<protocol::datagram> queue;
  bool writing = false;
  counters counts;
};

udp_endpoint::state::state(asio::io_context& io, const protocol::socket_address& bind_to)
    : socket{io}, v6{!bind_to.is_v4()}, sender{!bind_to.is_v4()} {
  socket.open(v6 ? udp::v6() : udp::v4());
  descriptor = socket.native_handle();
  socket.native_non_blocking(true);
  set_option(SOL_SOCKET, SO_RCVBUF, buffer_bytes_wanted);
  set_option(SOL_SOCKET, SO_SNDBUF, buffer_bytes_wanted);
  set_option(SOL_UDP, UDP_GRO, 1);
  // Without it an unconnected socket reports no ICMP errors at all.
  v6 ? set_option(IPPROTO_IPV6, IPV6_RECVERR, 1) : set_option(IPPROTO_IP, IP_RECVERR, 1);
  if (v6) set_option(IPPROTO_IPV6, IPV6_V6ONLY, 0);
  std::error_code error;
  socket.bind(to_endpoint(bind_to), error);
  if (error) throw std::system_error{error, "cannot listen on " + bind_to.text()};
  local = to_address(socket.local_endpoint().data());
  asio::socket_base::receive_buffer_size receive_size;
  asio::socket_base::send_buffer_size send_size;
  socket.get_option(receive_size);
  socket.get_option(send_size);
  counts.receive_buffer_bytes = static_cast<std::uint64_t>(receive_size.value());
  counts.send_buffer_bytes = static_cast<std::uint64_t>(send_size.value());
}

/// Errors of single datagrams never end the loop: anybody can provoke them.
asio::awaitable<void> udp_endpoint::state::receive_loop() {
  const auto self = shared_from_this();
  while (!closed) {
    auto got = receiver_slots.receive(descriptor);
    {
      std::lock_guard lock{send_mutex};
      counts.received += got.batch.size();
      counts.dropped_truncated += got.truncated;
      ++counts.receive_calls;
    }
    if (!got.batch.empty()) pass_on(std::move(got.batch));
    if (!got.error) {
      // Others on this context get their turn between two batches.
      co_await asio::post(socket.get_executor(), asio::use_awaitable);
      continue;
    }
    drain_error_queue();
    if (got.error != std::errc::resource_unavailable_try_again &&
        got.error != std::errc::operation_would_block)
      continue;  // A pending ICMP error; it has been taken now.
    std::error_code error;
    co_await socket.async_wait(udp::socket::wait_read,
                               asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
  }
}

void udp_endpoint::state::pass_on(protocol::datagram_batch batch) {
  std::lock_guard lock{receive_mutex};
  if (!closed && to.on_datagrams) to.on_datagrams(std::move(batch));
}

void udp_endpoint::state::drain_error_queue() {
  for (;;) {
    sockaddr_storage destination{};
    alignas(cmsghdr) std::byte control[512];
    std::byte payload[64];
    iovec vector{payload, sizeof payload};
    msghdr header{};
    header.msg_name = &destination;
    header.msg_namelen = sizeof destination;
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    if (recvmsg(descriptor, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    for (auto* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
      const bool ours = (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_RECVERR) ||
                        (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_RECVERR);
      if (!ours) continue;
      sock_extended_err report{};
      std::memcpy(&report, CMSG_DATA(item), sizeof report);
      if (report.ee_errno != ECONNREFUSED) continue;
      std::lock_guard lock{receive_mutex};
      ++counts.refused;
      if (!closed && to.on_refused)
        to.on_refused(to_address(reinterpret_cast<const sockaddr*>(&destination)));
    }
  }
}

void udp_endpoint::state::transmit(protocol::datagram_batch batch) {
  std::size_t from = 0;
  if (queue.empty()) {
    const auto done = sender.send(descriptor, batch);
    counts.sent += done.datagrams - done.failed;
    counts.send_errors += done.failed;
    counts.send_calls += done.calls;
    from = done.datagrams;
  }
  for (; from < batch.size(); ++from) {
    if (queue.size() >= queued_datagrams_max)
      ++counts.dropped_queue_full;
    else
      queue.push_back(std::move(batch[from]));
  }
}

asio::awaitable<void> udp_endpoint::state::write_loop() {
  const auto self = shared_from_this();
  while (!closed) {
    std::error_code error;
    co_await socket.async_wait(udp::socket::wait_write,
                               asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    std::lock_guard lock{send_mutex};
    protocol::datagram_batch waiting{std::make_move_iterator(queue.begin()),
                                     std::make_move_iterator(queue.end())};
    queue.clear();
    transmit(std::move(waiting));
    if (!queue.empty()) continue;
    writing = false;
    co_return;
  }
}

udp_endpoint::udp_endpoint(asio::io_context& io, const protocol::socket_address& bind_to)
    : state_{std::make_shared<state>(io, bind_to)} {}

udp_endpoint::~udp_endpoint() { close(); }

void udp_endpoint::open(receiver to) {
  {
    std::lock_guard lock{state_->receive_mutex};
    state_->to = std::move(to);
  }
  asio::co_spawn(
      state_->socket.get_executor(), [self = state_] { return self->receive_loop(); },
      asio::detached);
}

void udp_endpoint::send(protocol::datagram_batch batch) {
  if (state_->closed) return;
  std::lock_guard lock{state_->send_mutex};
  state_->transmit(std::move(batch));
  if (state_->queue.empty() || state_->writing) return;
  state_->writing = true;
  asio::co_spawn(
      state_->socket.get_executor(), [self = state_] { return self->write_loop(); },
      asio::detached);
}

protocol::socket_address udp_endpoint::local_address() const { return state_->local; }

void udp_endpoint::close() {
  if (state_->closed.exchange(true)) return;
  {
    std::lock_guard lock{state_->receive_mutex};
    state_->to = {};
  }
  // The coroutines wait on the socket in the context's threads: it is closed there.
  asio::post(state_->socket.get_executor(), [self = state_] {
    std::error_code ignored;
    self->socket.close(ignored);
  });
}

udp_endpoint::counters udp_endpoint::counted() const {
  std::lock_guard lock{state_->send_mutex};
  auto counts = state_->counts;
  counts.segmentation = state_->sender.segments();
  return counts;
}

}  // namespace causerie::net
