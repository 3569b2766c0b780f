// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/inbox.hpp"

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include "actors/bridge/asio_coordinator.hpp"
#include "caf/all.hpp"
#include "tests/catch.hpp"

using number_inbox = causerie::actors::inbox<std::uint64_t>;
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<number_inbox>)

namespace causerie::actors {
namespace {

constexpr std::uint64_t numbers = 20'000;

/// Pushes 0, 1, 2, ... in bursts; waits for a tick when the inbox is full.
caf::behavior make_producer(caf::event_based_actor* self, std::shared_ptr<number_inbox> to) {
  auto next = std::make_shared<std::uint64_t>(0);
  return {[=](caf::tick_atom) {
    for (int burst = 0; burst < 16 && *next < numbers; ++burst) {
      auto number = *next;
      if (!to->push(std::move(number))) return;
      ++*next;
    }
    if (*next < numbers) {
      self->send(self, caf::tick_atom_v);
    } else {
      to->close();
      self->quit();
    }
  }};
}

struct consumed {
  std::uint64_t count = 0;
  std::uint64_t batches = 0;
  bool in_order = true;
  bool ended = false;
};

asio::awaitable<void> consume(std::shared_ptr<number_inbox> from, consumed& seen) {
  for (;;) {
    const auto batch = co_await from->take();
    if (batch.empty()) break;
    ++seen.batches;
    CHECK(batch.size() <= 128);
    for (const auto number : batch) seen.in_order &= number == seen.count++;
  }
  seen.ended = true;
}

void produce_and_consume(caf::actor_system& system, asio::io_context& io) {
  consumed seen;
  auto box = std::make_shared<number_inbox>(io.get_executor(), 128);
  auto producer = system.spawn(make_producer, box);
  box->on_space([producer] { caf::anon_send(producer, caf::tick_atom_v); });
  caf::anon_send(producer, caf::tick_atom_v);
  asio::co_spawn(io, consume(box, seen), asio::detached);
  io.run();
  box->on_space({});
  CHECK(seen.count == numbers);
  CHECK(seen.in_order);
  CHECK(seen.ended);
  CHECK(seen.batches < numbers);
}

TEST_CASE("an inbox keeps order and bound, on one loop", "[actors][inbox]") {
  asio::io_context io;
  caf::actor_system_config config;
  use_asio_scheduler(config, io);
  caf::actor_system system{config};
  produce_and_consume(system, io);
}

TEST_CASE("an inbox keeps order and bound, across threads", "[actors][inbox]") {
  asio::io_context io;
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  caf::actor_system system{config};
  produce_and_consume(system, io);
}

TEST_CASE("a full inbox refuses and tells once there is room", "[actors][inbox]") {
  asio::io_context io;
  int told = 0;
  auto box = std::make_shared<inbox<std::unique_ptr<int>>>(io.get_executor(), 2);
  box->on_space([&] { ++told; });
  CHECK(box->push(std::make_unique<int>(1)));
  CHECK(box->push(std::make_unique<int>(2)));
  auto third = std::make_unique<int>(3);
  CHECK_FALSE(box->push(std::move(third)));
  CHECK(third != nullptr);
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        const auto two = co_await box->take();
        CHECK(two.size() == 2);
        CHECK(told == 1);
        CHECK(box->push(std::move(third)));
        const auto one = co_await box->take();
        CHECK(one.size() == 1);
        CHECK(told == 1);
      },
      asio::detached);
  io.run();
}

TEST_CASE("a coroutine that waits at an inbox goes with its io_context", "[actors][inbox]") {
  consumed seen;
  auto io = std::make_unique<asio::io_context>();
  auto box = std::make_shared<number_inbox>(io->get_executor(), 2);
  asio::co_spawn(*io, consume(box, seen), asio::detached);
  io->poll();
  io.reset();
  CHECK_FALSE(box->push(1));
  CHECK_FALSE(seen.ended);
}

}  // namespace
}  // namespace causerie::actors
