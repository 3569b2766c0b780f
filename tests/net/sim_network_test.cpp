// SPDX-License-Identifier: BSL-1.0
#include "net/sim/sim_network.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/catch.hpp"

using namespace std::chrono_literals;

namespace causerie::net {
namespace {

using protocol::datagram_batch;
using protocol::instant;
using protocol::shared_bytes;
using protocol::socket_address;

/// A node that remembers what it hears.
struct listener {
  sim_network& network;
  socket_address address;
  std::unique_ptr<protocol::transport> port;
  std::vector<std::string> heard;
  std::vector<instant> when;
  std::vector<socket_address> refused;
  std::size_t batches = 0;

  listener(sim_network& in, std::uint8_t last)
      : network{in}, address{socket_address::v4(10, 0, 0, last, 1)}, port{in.attach(address)} {
    port->open({[this](const datagram_batch& batch) {
                  ++batches;
                  for (const auto& each : batch) {
                    heard.emplace_back(each.bytes.text());
                    when.push_back(network.now());
                  }
                },
                [this](socket_address who) { refused.push_back(who); }});
  }
  void say(const listener& to, const std::string& text) {
    port->send({{to.address, shared_bytes::copy_of(text)}});
  }
};

TEST_CASE("a datagram arrives after the latency, and not in send", "[net][sim_network]") {
  sim_network network{1, 1ms};
  listener ann{network, 1};
  listener bob{network, 2};
  CHECK_FALSE(network.next_event());
  ann.say(bob, "hello");
  CHECK(bob.heard.empty());
  CHECK(network.next_event() == instant{1ms});
  network.run_until(instant{999us});
  CHECK(bob.heard.empty());
  network.run_until(instant{1ms});
  CHECK(bob.heard == std::vector<std::string>{"hello"});
  CHECK(network.now() == instant{1ms});
}

TEST_CASE("a batch arrives as a batch, in order", "[net][sim_network]") {
  sim_network network{1};
  listener ann{network, 1};
  listener bob{network, 2};
  datagram_batch batch;
  for (const auto* text : {"1", "2", "3"})
    batch.push_back({bob.address, shared_bytes::copy_of(text)});
  ann.port->send(std::move(batch));
  CHECK(network.step());
  CHECK(bob.heard == std::vector<std::string>{"1", "2", "3"});
  CHECK(bob.batches == 1);
  CHECK_FALSE(network.step());
}

TEST_CASE("a cut has one direction, and heals", "[net][sim_network]") {
  sim_network network{1};
  listener ann{network, 1};
  listener bob{network, 2};
  network.cut(ann.address, bob.address);
  ann.say(bob, "lost");
  bob.say(ann, "heard");
  network.run_until(instant{1s});
  CHECK(bob.heard.empty());
  CHECK(ann.heard.size() == 1);
  network.heal_all();
  ann.say(bob, "again");
  network.run_until(instant{2s});
  CHECK(bob.heard.size() == 1);
  CHECK(network.counted().cut == 1);
}

TEST_CASE("nobody at an address is a hint to the sender", "[net][sim_network]") {
  sim_network network{1};
  listener ann{network, 1};
  listener bob{network, 2};
  bob.port->close();
  ann.say(bob, "hello");
  network.run_until(instant{1s});
  CHECK(ann.refused == std::vector<socket_address>{bob.address});
}

TEST_CASE("a node that comes back receives what is on its way", "[net][sim_network]") {
  sim_network network{1};
  listener ann{network, 1};
  auto first = std::make_unique<listener>(network, std::uint8_t{2});
  ann.say(*first, "hello");
  listener second{network, 2};
  first.reset();  // The old port's end does not take the new one along.
  network.run_until(instant{1s});
  CHECK(second.heard.size() == 1);
}

TEST_CASE("a receiver may close its own port", "[net][sim_network]") {
  sim_network network{1};
  listener ann{network, 1};
  const auto address = socket_address::v4(10, 0, 0, 2, 1);
  auto port = network.attach(address);
  int calls = 0;
  port->open({[&](const datagram_batch&) {
                ++calls;
                port->close();
              },
              {}});
  for (int i = 0; i < 2; ++i) {
    ann.port->send({{address, shared_bytes::copy_of("hello")}});
    network.run_until(network.now() + 1s);
  }
  CHECK(calls == 1);
}

TEST_CASE("losses come in bursts when asked for", "[net][sim_network]") {
  sim_network network{1};
  listener ann{network, 1};
  listener bob{network, 2};
  network.set_faults({.bursts = {.enter = 0.01, .leave = 0.1}});
  constexpr int sent = 50'000;
  for (int i = 0; i < sent; ++i) {
    ann.say(bob, std::to_string(i));
    network.run_until(network.now() + 1ms);
  }
  int runs = 0;
  for (std::size_t i = 1; i < bob.heard.size(); ++i)
    runs += std::stoi(bob.heard[i]) != std::stoi(bob.heard[i - 1]) + 1;
  const auto lost = sent - static_cast<int>(bob.heard.size());
  CHECK(lost / double{sent} == Approx(0.01 / 0.11).margin(0.01));  // enter / (enter + leave)
  CHECK(lost / static_cast<double>(runs) == Approx(10).margin(1));
}

TEST_CASE("old datagrams are replayed when asked for", "[net][sim_network]") {
  sim_network network{1};
  listener ann{network, 1};
  listener bob{network, 2};
  network.set_faults(ann.address, {.replay = 0.5});
  for (int i = 0; i < 1000; ++i) ann.say(bob, "hello");
  network.run_until(instant{61s});
  CHECK(bob.heard.size() == 1000 + network.counted().replayed);
  CHECK(network.counted().replayed == Approx(500).margin(50));
  CHECK(bob.when.back() > instant{50s});
}

TEST_CASE("a path has its own MTU", "[net][sim_network]") {
  sim_network network{1};
  listener ann{network, 1};
  listener bob{network, 2};
  network.set_faults({.bytes_max = 1200});
  ann.say(bob, std::string(1200, 'x'));
  ann.say(bob, std::string(1201, 'x'));
  network.run_until(instant{1s});
  CHECK(bob.heard.size() == 1);
  CHECK(network.counted().too_large == 1);
}

struct record {
  std::vector<std::string> heard;
  std::vector<instant> when;
  bool operator==(const record&) const = default;
};

record a_bad_minute(std::uint64_t seed) {
  sim_network network{seed};
  listener ann{network, 1};
  listener bob{network, 2};
  network.set_faults({.plan = {.everywhere = {.loss = 0.2,
                                              .duplicate = 0.2,
                                              .reorder = 0.2,
                                              .corrupt = 0.05,
                                              .delay = 1ms,
                                              .jitter = 5ms}},
                      .bursts = {.enter = 0.01},
                      .replay = 0.1});
  for (int i = 0; i < 2000; ++i) {
    ann.say(bob, std::to_string(i));
    if (i % 3 == 0) bob.say(ann, std::to_string(i));
    network.run_until(network.now() + 1ms);
  }
  network.run_until(network.now() + 60s);
  CHECK(network.in_flight() == 0);
  return {bob.heard, bob.when};
}

TEST_CASE("one seed is one network, another seed another", "[net][sim_network]") {
  const auto first = a_bad_minute(1);
  CHECK(first.heard.size() > 1000);
  CHECK(first == a_bad_minute(1));
  CHECK_FALSE(first == a_bad_minute(2));
}

TEST_CASE("what is on its way is bounded", "[net][sim_network]") {
  sim_network network{1};
  listener ann{network, 1};
  const auto to = socket_address::v4(10, 0, 0, 2, 1);
  ann.port->send(datagram_batch(sim_network::in_flight_max + 10, {to, {}}));
  CHECK(network.in_flight() == sim_network::in_flight_max);
  CHECK(network.counted().dropped_full == 10);
}

TEST_CASE("how many datagrams a second", "[.][bench]") {
  sim_network network{1};
  std::vector<std::unique_ptr<listener>> nodes;
  std::uint64_t received = 0;
  std::vector<std::unique_ptr<protocol::transport>> ports;
  std::vector<socket_address> addresses;
  for (std::uint8_t i = 0; i < 16; ++i) {
    addresses.push_back(socket_address::v4(10, 0, 0, i, 1));
    ports.push_back(network.attach(addresses.back()));
    ports.back()->open({[&](const datagram_batch& batch) { received += batch.size(); }, {}});
  }
  network.set_faults({.plan = {.everywhere = {.loss = 0.01, .delay = 1ms, .jitter = 10ms}}});
  const auto bytes = shared_bytes::copy_of(std::string(1200, 'x'));
  const auto begin = std::chrono::steady_clock::now();
  for (int round = 0; round < 4000; ++round) {
    for (auto& port : ports) {
      datagram_batch batch;
      for (const auto& to : addresses) batch.push_back({to, bytes});
      port->send(std::move(batch));
    }
    network.run_until(network.now() + 1ms);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  WARN(static_cast<double>(received) / took.count() / 1e6 << " million datagrams a second");
}

}  // namespace
}  // namespace causerie::net
