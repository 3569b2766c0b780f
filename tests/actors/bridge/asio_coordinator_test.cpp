// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/asio_coordinator.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/strand.hpp>

#include "actors/bridge/ask.hpp"
#include "tests/actors/bridge/actors_under_test.hpp"
#include "tests/catch.hpp"

using namespace std::chrono_literals;

namespace causerie::actors {
namespace {

using testing::hop;

struct world {
  asio::io_context io;
  caf::actor_system_config config;
  std::optional<caf::actor_system> system;

  explicit world(std::size_t parallel_max = 1) {
    use_asio_scheduler(config, io, parallel_max);
    system.emplace(config);
  }
};

asio::awaitable<void> ask_often(hub& through, hop first, int times, std::atomic<int>& right) {
  for (int i = 0; i < times; ++i) {
    const auto answer = co_await ask<std::uint64_t>(through, first, 10s, std::uint64_t{1});
    if (answer == std::uint64_t{2}) ++right;
  }
}

TEST_CASE("actors run on the threads that run the io_context", "[actors][asio_coordinator]") {
  world w;
  std::atomic<int> right = 0;
  hub through{*w.system};
  auto first = w.system->spawn(testing::make_chain, 3);
  asio::co_spawn(w.io, ask_often(through, first, 1000, right), asio::detached);
  w.io.run();
  CHECK(right == 1000);
  caf::anon_send_exit(first, caf::exit_reason::user_shutdown);
}

TEST_CASE("an io_context with nothing to do returns, though actors live",
          "[actors][asio_coordinator]") {
  world w;
  auto first = w.system->spawn(testing::make_chain, 3);
  w.io.run();
  caf::anon_send_exit(first, caf::exit_reason::kill);
  w.io.restart();
  w.io.run();
  CHECK(w.system->registry().running() == 0);
}

TEST_CASE("delayed messages come on an Asio timer, never early", "[actors][asio_coordinator]") {
  world w;
  std::atomic<int> ticks = 0;
  const auto begin = std::chrono::steady_clock::now();
  w.system->spawn(testing::make_ticker, 2ms, 10, &ticks);
  w.io.run();
  CHECK(ticks == 10);
  CHECK(std::chrono::steady_clock::now() - begin >= 20ms);
}

TEST_CASE("an earlier timeout is not kept waiting by a later one", "[actors][asio_coordinator]") {
  world w;
  std::atomic<int> ticks = 0;
  auto late = w.system->spawn(testing::make_ticker, 1h, 1, &ticks);
  w.io.poll();
  w.system->spawn(testing::make_ticker, 1ms, 1, &ticks);
  while (ticks == 0) w.io.run_one();
  CHECK(ticks == 1);
  caf::anon_send_exit(late, caf::exit_reason::kill);
}

TEST_CASE("a request to an actor that never answers times out", "[actors][asio_coordinator]") {
  world w;
  caf::error failure;
  auto oracle = w.system->spawn(testing::make_oracle, std::uint64_t{1});
  w.system->spawn(
      [&failure](caf::event_based_actor* self, const testing::oracle& asked) {
        self->request(asked, 5ms, caf::get_atom_v, std::uint64_t{1})
            .then([](std::uint64_t) {}, [&](const caf::error& error) { failure = error; });
      },
      oracle);
  w.io.run();
  CHECK(failure == caf::sec::request_timeout);
  caf::anon_send_exit(oracle, caf::exit_reason::kill);
}

TEST_CASE("a system is destroyed although nobody runs the io_context",
          "[actors][asio_coordinator]") {
  world w;
  std::atomic<int> ticks = 0;
  auto first = w.system->spawn(testing::make_chain, 3);
  w.system->spawn(testing::make_ticker, 1ms, 5, &ticks);
  caf::anon_send_exit(first, caf::exit_reason::user_shutdown);
  w.system.reset();  // Gives all turns itself, timers included.
  CHECK(ticks == 5);
  CHECK(w.io.poll() <= 2);  // The handlers posted before do nothing.
}

TEST_CASE("finish tells whether an actor is still alive", "[actors][asio_coordinator]") {
  world w;
  auto first = w.system->spawn(testing::make_chain, 3);
  auto& coordinator = asio_coordinator::of(*w.system);
  CHECK_FALSE(coordinator.finish(10s));  // Idle: nothing could happen, so nothing is waited for.
  caf::anon_send_exit(first, caf::exit_reason::kill);
  CHECK(coordinator.finish(10s));
}

TEST_CASE("actors with endless timers do not keep a system for ever",
          "[actors][asio_coordinator]") {
  world w;
  std::atomic<int> ticks = 0;
  auto ticker = w.system->spawn(testing::make_ticker, 1ms, 1'000'000, &ticks);
  CHECK_FALSE(asio_coordinator::of(*w.system).finish(20ms));
  CHECK(ticks > 0);
  caf::anon_send_exit(ticker, caf::exit_reason::kill);
}

TEST_CASE("an actor system is destroyed while another thread runs the io_context",
          "[actors][asio_coordinator]") {
  asio::io_context io;
  auto work = asio::make_work_guard(io);
  std::thread runner{[&] { io.run(); }};
  for (int round = 0; round < 20; ++round) {
    caf::actor_system_config config;
    use_asio_scheduler(config, io, 1);
    caf::actor_system system{config};
    auto first = system.spawn(testing::make_chain, 3);
    for (int i = 0; i < 100; ++i) caf::anon_send(first, std::uint64_t{1});
    caf::anon_send_exit(first, caf::exit_reason::user_shutdown);
  }
  work.reset();
  runner.join();
}

TEST_CASE("many nodes share one io_context and two threads", "[actors][asio_coordinator]") {
  asio::io_context io;
  std::atomic<int> right = 0;
  struct node {
    caf::actor_system_config config;
    std::optional<caf::actor_system> system;
    std::optional<hub> through;
    hop first;
  };
  std::vector<std::unique_ptr<node>> nodes;
  for (int i = 0; i < 20; ++i) {
    auto& n = *nodes.emplace_back(std::make_unique<node>());
    use_asio_scheduler(n.config, io, 2);
    n.system.emplace(n.config);
    n.through.emplace(*n.system);
    n.first = n.system->spawn(testing::make_chain, 3);
    asio::co_spawn(asio::make_strand(io), ask_often(*n.through, n.first, 200, right),
                   asio::detached);
  }
  std::thread second{[&] { io.run(); }};
  io.run();
  second.join();
  CHECK(right == 20 * 200);
  for (auto& n : nodes) caf::anon_send_exit(n->first, caf::exit_reason::user_shutdown);
}

}  // namespace
}  // namespace causerie::actors
