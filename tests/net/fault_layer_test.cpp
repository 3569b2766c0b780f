// SPDX-License-Identifier: BSL-1.0
#include "net/fault/fault_layer.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "net/udp/udp_endpoint.hpp"
#include "tests/catch.hpp"
#include "tests/net/run_until.hpp"

using namespace std::chrono_literals;

namespace causerie::net {
namespace {

using protocol::datagram_batch;
using protocol::shared_bytes;
using protocol::socket_address;

const auto ann = socket_address::v4(127, 0, 0, 1, 1);
const auto bob = socket_address::v4(127, 0, 0, 1, 2);

/// What would have gone into the network.
struct recorder final : protocol::transport {
  std::vector<datagram_batch> batches;
  receiver above;
  bool closed = false;

  void open(receiver to) override { above = std::move(to); }
  void send(datagram_batch batch) override { batches.push_back(std::move(batch)); }
  [[nodiscard]] socket_address local_address() const override { return ann; }
  void close() override { closed = true; }

  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const auto& batch : batches)
      for (const auto& each : batch) all.emplace_back(each.bytes.text());
    return all;
  }
};

datagram_batch numbers(int from, int to, const socket_address& peer = bob) {
  datagram_batch batch;
  for (int i = from; i < to; ++i) batch.push_back({peer, shared_bytes::copy_of(std::to_string(i))});
  return batch;
}

TEST_CASE("without a plan a batch passes untouched", "[net][fault_layer]") {
  asio::io_context io;
  recorder below;
  fault_layer layer{io, below, {}, 1};
  auto batch = numbers(0, 10);
  const auto* const place = batch.data();
  layer.send(std::move(batch));
  REQUIRE(below.batches.size() == 1);
  CHECK(below.batches[0].data() == place);
  CHECK(layer.local_address() == ann);
}

TEST_CASE("the plan changes while the node runs", "[net][fault_layer]") {
  asio::io_context io;
  recorder below;
  fault_layer layer{io, below, {}, 1};
  layer.send(numbers(0, 10));
  layer.set_plan({.everywhere = {.blocked = true}});
  layer.send(numbers(10, 20));
  CHECK(layer.counted().cut == 10);
  layer.set_plan({});
  layer.send(numbers(20, 30));
  CHECK(below.texts().size() == 20);
}

TEST_CASE("faults towards one peer spare the others", "[net][fault_layer]") {
  asio::io_context io;
  recorder below;
  fault_layer layer{io, below, {.towards = {{bob, {.loss = 1}}}}, 1};
  layer.send(numbers(0, 10, bob));
  layer.send(numbers(0, 10, ann));
  CHECK(below.texts().size() == 10);
  CHECK(layer.counted().lost == 10);
}

TEST_CASE("delayed datagrams go out when their time has come, in order", "[net][fault_layer]") {
  asio::io_context io;
  recorder below;
  fault_layer layer{io, below, {.everywhere = {.delay = 20ms}}, 1};
  const auto begin = std::chrono::steady_clock::now();
  layer.send(numbers(0, 5));
  layer.send(numbers(5, 10));
  CHECK(below.batches.empty());
  layer.set_plan({});  // What is held back stays held back.
  REQUIRE(testing::run_until(io, [&] { return below.texts().size() == 10; }));
  CHECK(std::chrono::steady_clock::now() - begin >= 20ms);
  CHECK(below.texts() ==
        std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
  CHECK(layer.counted().delayed == 10);
}

TEST_CASE("an earlier datagram is not kept waiting by a later one", "[net][fault_layer]") {
  asio::io_context io;
  recorder below;
  fault_layer layer{io, below, {.everywhere = {.delay = 1h}}, 1};
  layer.send(numbers(0, 1));
  layer.set_plan({.everywhere = {.delay = 1ms}});
  layer.send(numbers(1, 2));
  REQUIRE(testing::run_until(io, [&] { return !below.batches.empty(); }));
  CHECK(below.texts() == std::vector<std::string>{"1"});
}

TEST_CASE("reordered datagrams fall behind later ones", "[net][fault_layer]") {
  asio::io_context io;
  recorder below;
  fault_layer layer{io, below, {.everywhere = {.reorder = 0.3}}, 1};
  for (int i = 0; i < 100; ++i) layer.send(numbers(i, i + 1));
  REQUIRE(testing::run_until(io, [&] { return below.texts().size() == 100; }));
  const auto texts = below.texts();
  CHECK_FALSE(std::is_sorted(texts.begin(), texts.end(), [](const auto& a, const auto& b) {
    return std::stoi(a) < std::stoi(b);
  }));
}

TEST_CASE("what is held back is bounded", "[net][fault_layer]") {
  asio::io_context io;
  recorder below;
  fault_layer layer{io, below, {.everywhere = {.delay = 1h}}, 1};
  const auto big = shared_bytes::copy_of(std::string(60'000, 'x'));
  layer.send(datagram_batch(2000, {bob, big}));
  CHECK(layer.counted().dropped_full == 2000 - fault_layer::held_bytes_max / 60'000);
  layer.send(datagram_batch(fault_layer::held_max + 1, {bob, {}}));
  CHECK(layer.counted().delayed == fault_layer::held_max);
}

TEST_CASE("one seed injects the same faults again", "[net][fault_layer]") {
  const auto sent_with = [](std::uint64_t seed) {
    asio::io_context io;
    recorder below;
    fault_layer layer{
        io, below, {.everywhere = {.loss = 0.3, .duplicate = 0.3, .corrupt = 0.3}}, seed};
    layer.send(numbers(0, 100));
    return below.texts();
  };
  CHECK(sent_with(1) == sent_with(1));
  CHECK(sent_with(1) != sent_with(2));
}

TEST_CASE("a closed layer sends nothing, and may outlive its io_context", "[net][fault_layer]") {
  auto io = std::make_unique<asio::io_context>();
  recorder below;
  fault_layer layer{*io, below, {.everywhere = {.delay = 1ms}}, 1};
  layer.send(numbers(0, 10));
  layer.close();
  layer.send(numbers(0, 10));
  io->run();
  CHECK(below.batches.empty());
  CHECK(below.closed);
  io.reset();
}

TEST_CASE("a real socket under the layer", "[net][fault_layer]") {
  asio::io_context io;
  udp_endpoint first{io, socket_address::v4(127, 0, 0, 1, 0)};
  udp_endpoint second{io, socket_address::v4(127, 0, 0, 1, 0)};
  fault_layer layer{io, first, {.everywhere = {.duplicate = 1, .delay = 1ms}}, 1};
  std::size_t received = 0;
  layer.open({[](const datagram_batch&) {}, {}});
  second.open({[&](const datagram_batch& batch) { received += batch.size(); }, {}});
  layer.send(numbers(0, 100, second.local_address()));
  CHECK(testing::run_until(io, [&] { return received == 200; }));
}

TEST_CASE("what is withheld does not arrive, and everything else does", "[net][fault_layer]") {
  asio::io_context io;
  recorder below;
  fault_layer layer{io, below, {.withheld = "question"}, 1};
  std::vector<std::string> arrived;
  std::size_t calls = 0;
  layer.open({.on_datagrams =
                  [&](datagram_batch batch) {
                    ++calls;
                    for (const auto& each : batch) arrived.emplace_back(each.bytes.text());
                  },
              .on_refused = {}});
  const auto arrive = [&](std::vector<std::string> texts) {
    datagram_batch batch;
    for (const auto& text : texts) batch.push_back({bob, shared_bytes::copy_of(text)});
    below.above.on_datagrams(std::move(batch));
  };
  arrive({"an answer", "a question?", "quest"});
  arrive({"question"});
  CHECK(arrived == std::vector<std::string>{"an answer", "quest"});
  CHECK(calls == 1);  // Of nothing nobody is told.
  CHECK(layer.counted().withheld == 2);
  layer.set_plan({});
  arrive({"question"});
  CHECK(arrived.back() == "question");
  layer.close();
}

}  // namespace
}  // namespace causerie::net
