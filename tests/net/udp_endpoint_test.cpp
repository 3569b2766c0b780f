// SPDX-License-Identifier: BSL-1.0
#include "net/udp/udp_endpoint.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "net/udp/socket_batches.hpp"
#include "tests/catch.hpp"
#include "tests/net/run_until.hpp"

namespace causerie::net {
namespace {

using protocol::datagram;
using protocol::datagram_batch;
using protocol::shared_bytes;
using protocol::socket_address;
using testing::run_until;

const auto any_port = socket_address::v4(127, 0, 0, 1, 0);
const auto any_port_v6 = *socket_address::parse("[::1]:0");

/// An endpoint and everything that it has received.
struct peer {
  udp_endpoint endpoint;
  std::vector<datagram> received;
  std::vector<socket_address> refused;

  explicit peer(asio::io_context& io, const socket_address& bind_to = any_port)
      : endpoint{io, bind_to} {
    endpoint.open({[this](datagram_batch batch) {
                     CHECK_FALSE(batch.empty());
                     for (auto& each : batch) received.push_back(std::move(each));
                   },
                   [this](socket_address where) { refused.push_back(where); }});
  }
  void say(const peer& to, const std::string& text) {
    endpoint.send({{to.endpoint.local_address(), shared_bytes::copy_of(text)}});
  }
};

void echo(const socket_address& bind_to) {
  asio::io_context io;
  peer ann{io, bind_to};
  peer bob{io, bind_to};
  CHECK(ann.endpoint.local_address().port != 0);
  ann.say(bob, "hello");
  REQUIRE(run_until(io, [&] { return bob.received.size() == 1; }));
  CHECK(bob.received[0].bytes.text() == "hello");
  CHECK(bob.received[0].peer == ann.endpoint.local_address());
  bob.endpoint.send(bob.received);
  REQUIRE(run_until(io, [&] { return ann.received.size() == 1; }));
  CHECK(ann.received[0].bytes.text() == "hello");
}

TEST_CASE("two endpoints echo over IPv4", "[net][udp_endpoint]") { echo(any_port); }

TEST_CASE("two endpoints echo over IPv6", "[net][udp_endpoint]") { echo(any_port_v6); }

TEST_CASE("an IPv6 endpoint reaches IPv4 peers when bound to all addresses",
          "[net][udp_endpoint]") {
  asio::io_context io;
  peer ann{io, *socket_address::parse("[::]:0")};
  peer bob{io};
  ann.say(bob, "hello");
  REQUIRE(run_until(io, [&] { return bob.received.size() == 1; }));
  CHECK(bob.received[0].peer.is_v4());
  bob.endpoint.send(bob.received);
  REQUIRE(run_until(io, [&] { return ann.received.size() == 1; }));
  CHECK(ann.received[0].peer == bob.endpoint.local_address());
}

TEST_CASE("an IPv4 endpoint refuses IPv6 destinations, and sends the rest", "[net][udp_endpoint]") {
  asio::io_context io;
  peer ann{io};
  peer bob{io};
  const auto text = shared_bytes::copy_of("hello");
  const auto to = bob.endpoint.local_address();
  ann.endpoint.send({{to, text}, {*socket_address::parse("[2001:db8::1]:9"), text}, {to, text}});
  CHECK(run_until(io, [&] { return bob.received.size() == 2; }));
  CHECK(ann.endpoint.counted().send_errors == 1);
}

TEST_CASE("a batch of a thousand arrives in order", "[net][udp_endpoint]") {
  asio::io_context io;
  peer ann{io};
  peer bob{io};
  const auto size = GENERATE(100U, 1200U);
  datagram_batch batch;
  for (std::size_t i = 0; i < 1000; ++i) {
    std::string text = std::to_string(i);
    text.resize(size, ' ');
    batch.push_back({bob.endpoint.local_address(), shared_bytes::copy_of(text)});
  }
  ann.endpoint.send(std::move(batch));
  REQUIRE(run_until(io, [&] { return bob.received.size() == 1000; }));
  for (std::size_t i = 0; i < 1000; ++i) {
    REQUIRE(std::stoul(std::string{bob.received[i].bytes.text()}) == i);
    REQUIRE(bob.received[i].bytes.size() == size);
  }
  const auto counted = ann.endpoint.counted();
  CHECK(counted.sent == 1000);
  if (counted.segmentation) CHECK(counted.send_calls < 10);
}

TEST_CASE("datagrams of all sizes keep their limits", "[net][udp_endpoint]") {
  asio::io_context io;
  peer ann{io};
  peer bob{io};
  const std::vector<std::size_t> sizes{0, 1, 1200, 1200, 700, 1200, 0, 60'000, 65'507, 9, 9, 9, 8};
  datagram_batch batch;
  for (const auto size : sizes)
    batch.push_back({bob.endpoint.local_address(), shared_bytes::copy_of(std::string(size, 'x'))});
  ann.endpoint.send(std::move(batch));
  REQUIRE(run_until(io, [&] { return bob.received.size() == sizes.size(); }));
  for (std::size_t i = 0; i < sizes.size(); ++i) CHECK(bob.received[i].bytes.size() == sizes[i]);
}

TEST_CASE("a datagram that no network takes is dropped alone", "[net][udp_endpoint]") {
  asio::io_context io;
  peer ann{io};
  peer bob{io};
  const auto to = bob.endpoint.local_address();
  ann.endpoint.send({{to, shared_bytes::copy_of(std::string(65'535, 'x'))},
                     {to, shared_bytes::copy_of("hello")},
                     {to, shared_bytes::copy_of("hello")}});
  REQUIRE(run_until(io, [&] { return bob.received.size() == 2; }));
  CHECK(ann.endpoint.counted().send_errors == 1);
}

TEST_CASE("nobody listening is a hint, and the endpoint goes on", "[net][udp_endpoint]") {
  const auto bind_to = GENERATE(any_port, any_port_v6);
  asio::io_context io;
  peer ann{io, bind_to};
  peer bob{io, bind_to};
  const auto nobody = udp_endpoint{io, bind_to}.local_address();
  ann.endpoint.send({{nobody, shared_bytes::copy_of("hello")}});
  REQUIRE(run_until(io, [&] { return ann.refused.size() == 1; }));
  CHECK(ann.refused[0] == nobody);
  for (int i = 0; i < 20; ++i) {
    ann.endpoint.send({{nobody, shared_bytes::copy_of("hello")}});
    ann.say(bob, "hello");  // Finds the error of the one before pending.
  }
  CHECK(run_until(io, [&] { return bob.received.size() == 20; }));
  CHECK(ann.endpoint.counted().segmentation);
}

TEST_CASE("a used address is an error at once, and free after close", "[net][udp_endpoint]") {
  asio::io_context io;
  auto first = std::make_unique<peer>(io);
  const auto address = first->endpoint.local_address();
  try {
    udp_endpoint second{io, address};
    FAIL("two endpoints have one address");
  } catch (const std::system_error& error) {
    CHECK(error.code() == std::errc::address_in_use);
  }
  io.poll();
  first->endpoint.close();  // The context runs no more, and need not.
  udp_endpoint second{io, address};
  CHECK(second.local_address() == address);
}

TEST_CASE("an endpoint may be closed by its own receiver", "[net][udp_endpoint]") {
  asio::io_context io;
  peer ann{io};
  std::optional<udp_endpoint> bob{std::in_place, io, any_port};
  int calls = 0;
  bob->open({[&](const datagram_batch&) {
               ++calls;
               bob.reset();
             },
             {}});
  const auto to = bob->local_address();
  for (int i = 0; i < 100; ++i) ann.endpoint.send({{to, shared_bytes::copy_of("hello")}});
  CHECK(run_until(io, [&] { return calls == 1; }));
  io.poll();
  CHECK(calls == 1);
}

TEST_CASE("an endpoint outlives its io_context", "[net][udp_endpoint]") {
  auto io = std::make_unique<asio::io_context>();
  peer ann{*io};
  io->poll();
  io.reset();
  ann.endpoint.send({{ann.endpoint.local_address(), shared_bytes::copy_of("hello")}});
  ann.endpoint.close();
}

TEST_CASE("endpoints close while others send to them from other threads", "[net][udp_endpoint]") {
  asio::io_context io;
  auto work = asio::make_work_guard(io);
  std::thread runner{[&] { io.run(); }};
  std::thread second{[&] { io.run(); }};
  std::atomic<std::uint64_t> received = 0;
  udp_endpoint ann{io, any_port};
  ann.open({[](const datagram_batch&) {}, {}});
  for (int round = 0; round < 50; ++round) {
    udp_endpoint bob{io, any_port};
    std::atomic<bool> alive = true;
    bob.open({[&](const datagram_batch& batch) {
                if (!alive) std::abort();  // Called after close has returned.
                received += batch.size();
              },
              {}});
    for (int i = 0; i < 50; ++i)
      ann.send(datagram_batch(10, {bob.local_address(), shared_bytes::copy_of("hello")}));
    bob.close();
    alive = false;
  }
  CHECK(received > 0);
  ann.close();
  work.reset();
  runner.join();
  second.join();
}

TEST_CASE("segmentation goes for good where a train is refused, not where a datagram is",
          "[net][batch_sender]") {
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM, 0);
  REQUIRE(descriptor >= 0);
  asio::io_context io;
  peer bob{io};
  const auto to = bob.endpoint.local_address();
  const datagram_batch train(5, {to, shared_bytes::copy_of(std::string(1000, 'x'))});
  SECTION("a train is refused") {
    // No checksum, no segmentation: the kernel says EIO (or EINVAL), as some devices do.
    const int on = 1;
    REQUIRE(setsockopt(descriptor, SOL_SOCKET, SO_NO_CHECK, &on, sizeof on) == 0);
    batch_sender sender{/*v6_socket=*/false};
    const auto done = sender.send(descriptor, train);
    CHECK(done.datagrams == 5);
    CHECK(done.failed == 0);
    CHECK_FALSE(sender.segments());
    CHECK(run_until(io, [&] { return bob.received.size() == 5; }));
  }
  SECTION("the destination is refused") {
    batch_sender sender{/*v6_socket=*/false};
    const auto nowhere = socket_address::v4(255, 255, 255, 255, 9);  // Not without SO_BROADCAST.
    auto batch = train;
    for (auto& each : batch) each.peer = nowhere;
    batch.insert(batch.end(), train.begin(), train.end());
    const auto done = sender.send(descriptor, batch);
    CHECK(done.datagrams == 10);
    CHECK(done.failed == 5);
    CHECK(sender.segments());
    CHECK(run_until(io, [&] { return bob.received.size() == 5; }));
  }
  ::close(descriptor);
}

}  // namespace
}  // namespace causerie::net
