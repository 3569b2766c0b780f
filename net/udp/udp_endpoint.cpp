// SPDX-License-Identifier: BSL-1.0
#include "net/udp/udp_endpoint.hpp"

#include <netinet/ip.h>
#include <netinet/udp.h>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/udp.hpp>
#include <asio/post.hpp>

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "net/udp/as_result.hpp"
#include "net/udp/error_queue.hpp"
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

void set_option(int descriptor, int level, int name, int value) noexcept {
  (void)setsockopt(descriptor, level, name, &value, sizeof value);  // Each is a mere wish.
}

void set_options(int descriptor, bool v6_socket) {
  set_option(descriptor, SOL_SOCKET, SO_RCVBUF, buffer_bytes_wanted);
  set_option(descriptor, SOL_SOCKET, SO_SNDBUF, buffer_bytes_wanted);
  set_option(descriptor, SOL_UDP, UDP_GRO, 1);
  set_option(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  if (v6_socket) {
    set_option(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
    set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  }
  keep_errors(descriptor, v6_socket);
}

bool is_would_block(std::error_code error) {
  return error == std::errc::resource_unavailable_try_again ||
         error == std::errc::operation_would_block;
}

}  // namespace

struct udp_endpoint::state : std::enable_shared_from_this<state> {
  state(asio::io_context& io, const protocol::socket_address& bind_to);

  asio::awaitable<void> receive_loop();
  /// False when there is nothing to receive for now.
  bool receive_some();
  template <class Call>
  void tell(Call call);
  asio::awaitable<void> write_loop();
  /// Sends what it can; the rest waits in `queue`. Under `send_mutex`.
  void transmit(protocol::datagram_batch batch);
  asio::awaitable<std::error_code> wait(udp::socket::wait_type what);
  void shut();

  const asio::any_io_executor executor;
  const protocol::socket_address local;
  std::atomic<bool> closed = false;

  std::mutex calling;  // Held while the receiver is called.
  std::atomic<std::thread::id> caller;
  receiver to;

  // Lock order: `socket_mutex`, `send_mutex`. The socket is closed under both.
  mutable std::mutex socket_mutex;  // For receiving, and for every use of the Asio socket.
  std::optional<udp::socket> socket;
  int descriptor = -1;
  batch_receiver slots;
  counters counts;  // Of receiving.

  mutable std::mutex send_mutex;
  batch_sender sender;
  std::deque<protocol::datagram> queue;
  bool writing = false;
  counters send_counts;

private:
  static udp::socket bound(asio::io_context& io, const protocol::socket_address& to);
  state(udp::socket ready, bool v6_socket);
};

udp::socket udp_endpoint::state::bound(asio::io_context& io, const protocol::socket_address& to) {
  const bool v6 = !to.is_v4();
  udp::socket made{io};
  std::error_code error;
  made.open(v6 ? udp::v6() : udp::v4(), error);
  if (!error) {
    set_options(made.native_handle(), v6);
    made.native_non_blocking(true, error);
  }
  if (!error) made.bind(to_endpoint(to), error);
  // Asio's own category compares with no std::errc.
  if (error)
    throw std::system_error{{error.value(), std::system_category()},
                            "cannot listen on " + to.text()};
  return made;
}

udp_endpoint::state::state(asio::io_context& io, const protocol::socket_address& bind_to)
    : state{bound(io, bind_to), !bind_to.is_v4()} {}

udp_endpoint::state::state(udp::socket ready, bool v6_socket)
    : executor{ready.get_executor()},
      local{to_address(ready.local_endpoint().data())},
      socket{std::move(ready)},
      descriptor{socket->native_handle()},
      sender{v6_socket} {
  asio::socket_base::receive_buffer_size receive_size;
  asio::socket_base::send_buffer_size send_size;
  socket->get_option(receive_size);
  socket->get_option(send_size);
  counts.receive_buffer_bytes = static_cast<std::uint64_t>(receive_size.value());
  send_counts.send_buffer_bytes = static_cast<std::uint64_t>(send_size.value());
}

/// Errors of single datagrams never end the loop: anybody can provoke them.
asio::awaitable<void> udp_endpoint::state::receive_loop() {
  struct shut_on_exit {  // Also when the io_context is destroyed under us.
    std::shared_ptr<state> self;
    ~shut_on_exit() { self->shut(); }
  } const guard{shared_from_this()};
  while (!closed) {
    if (receive_some()) {
      // Others on this context get their turn between two batches.
      co_await asio::post(executor, asio::use_awaitable);
    } else if (co_await wait(udp::socket::wait_read)) {
      break;
    }
  }
}

bool udp_endpoint::state::receive_some() {
  batch_receiver::received got;
  std::vector<protocol::socket_address> refused;
  {
    const std::lock_guard guard{socket_mutex};
    if (!socket) return false;
    got = slots.receive(descriptor);
    if (got.error) refused = take_refused(descriptor);
    counts.received += got.batch.size();
    counts.dropped_truncated += got.truncated;
    counts.refused += refused.size();
    ++counts.receive_calls;
  }
  if (!got.batch.empty())
    tell([&] {
      if (to.on_datagrams) to.on_datagrams(std::move(got.batch));
    });
  for (const auto& address : refused)
    tell([&] {
      if (to.on_refused) to.on_refused(address);
    });
  // Any other error is a pending ICMP one, and has been taken by asking.
  return !is_would_block(got.error);
}

template <class Call>
void udp_endpoint::state::tell(Call call) {
  const std::lock_guard guard{calling};
  if (closed) return;
  caller = std::this_thread::get_id();
  call();
  caller = std::thread::id{};
}

void udp_endpoint::state::transmit(protocol::datagram_batch batch) {
  std::size_t from = 0;
  if (queue.empty()) {
    const auto done = sender.send(descriptor, batch);
    send_counts.sent += done.datagrams - done.failed;
    send_counts.send_errors += done.failed;
    send_counts.send_calls += done.calls;
    from = done.datagrams;
  }
  for (; from < batch.size(); ++from) {
    if (queue.size() >= queued_datagrams_max) {
      ++send_counts.dropped_queue_full;
    } else {
      queue.push_back(std::move(batch[from]));
    }
  }
}

asio::awaitable<void> udp_endpoint::state::write_loop() {
  const auto self = shared_from_this();
  while (!co_await wait(udp::socket::wait_write)) {
    const std::lock_guard guard{send_mutex};
    if (closed) break;
    protocol::datagram_batch waiting{std::make_move_iterator(queue.begin()),
                                     std::make_move_iterator(queue.end())};
    queue.clear();
    transmit(std::move(waiting));
    if (!queue.empty()) continue;
    writing = false;
    break;
  }
}

asio::awaitable<std::error_code> udp_endpoint::state::wait(udp::socket::wait_type what) {
  auto [error] = co_await asio::async_initiate<decltype(as_result), void(std::error_code)>(
      [this, what](auto handler) {
        const std::lock_guard guard{socket_mutex};
        if (socket) {
          socket->async_wait(what, std::move(handler));
        } else {
          asio::post(executor, [held = std::move(handler)]() mutable {
            std::move(held)(std::error_code{asio::error::operation_aborted});
          });
        }
      },
      as_result);
  co_return error;
}

void udp_endpoint::state::shut() {
  const std::scoped_lock guard{socket_mutex, send_mutex};
  closed = true;
  socket.reset();
  queue.clear();
}

udp_endpoint::udp_endpoint(asio::io_context& io, const protocol::socket_address& bind_to)
    : state_{std::make_shared<state>(io, bind_to)} {}

udp_endpoint::~udp_endpoint() { close(); }

void udp_endpoint::open(receiver to) {
  {
    const std::lock_guard guard{state_->calling};
    state_->to = std::move(to);
  }
  asio::co_spawn(
      state_->executor, [self = state_] { return self->receive_loop(); }, asio::detached);
}

void udp_endpoint::send(protocol::datagram_batch batch) {
  const std::lock_guard guard{state_->send_mutex};
  if (state_->closed) return;
  state_->transmit(std::move(batch));
  if (state_->queue.empty() || state_->writing) return;
  state_->writing = true;
  asio::co_spawn(
      state_->executor, [self = state_] { return self->write_loop(); }, asio::detached);
}

protocol::socket_address udp_endpoint::local_address() const { return state_->local; }

void udp_endpoint::close() {
  state_->shut();
  if (state_->caller == std::this_thread::get_id()) return;  // The receiver is still in use.
  const std::lock_guard wait_for_call{state_->calling};
  state_->to = {};
}

udp_endpoint::counters udp_endpoint::counted() const {
  const std::scoped_lock guard{state_->socket_mutex, state_->send_mutex};
  auto counts = state_->counts;
  const auto& sending = state_->send_counts;
  counts.sent = sending.sent;
  counts.send_calls = sending.send_calls;
  counts.dropped_queue_full = sending.dropped_queue_full;
  counts.send_errors = sending.send_errors;
  counts.send_buffer_bytes = sending.send_buffer_bytes;
  counts.segmentation = state_->sender.segments();
  return counts;
}

}  // namespace causerie::net
