// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/ask.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/error.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/strand.hpp>
#include <asio/use_awaitable.hpp>

#include "actors/bridge/asio_coordinator.hpp"
#include "tests/actors/bridge/actors_under_test.hpp"
#include "tests/catch.hpp"

using namespace std::chrono_literals;

namespace causerie::actors {
namespace {

using protocol::protocol_errc;
using testing::oracle;
using u64 = std::uint64_t;

enum class scheduler { ours, the_embedders };

struct world {
  std::unique_ptr<asio::io_context> io = std::make_unique<asio::io_context>();
  caf::actor_system_config config;
  std::optional<caf::actor_system> system;
  std::optional<hub> through;
  oracle asked;

  explicit world(scheduler which) {
    if (which == scheduler::ours) {
      use_asio_scheduler(config, *io);
    } else {
      config.set("scheduler.policy", caf::atom("sharing"));
      config.set("scheduler.max-threads", std::size_t{2});
    }
    system.emplace(config);
    through.emplace(*system);
    asked = system->spawn(testing::make_oracle, u64{1});
  }
  ~world() {
    if (asked) caf::anon_send_exit(asked, caf::exit_reason::kill);
    asked = nullptr;
    through.reset();
  }

  template <class Body>
  void run(Body body) {
    bool ended = false;
    std::exception_ptr thrown;
    asio::co_spawn(*io, std::move(body), [&](std::exception_ptr error) {
      ended = true;
      thrown = error;
    });
    io->run();
    io->restart();
    CHECK(ended);
    if (thrown) std::rethrow_exception(thrown);
  }
};

template <class Check>
void on_both_schedulers(Check check) {
  for (const auto which : {scheduler::ours, scheduler::the_embedders}) {
    world w{which};
    check(w);
  }
}

TEST_CASE("a coroutine gets an actor's answer", "[actors][ask]") {
  on_both_schedulers([](world& w) {
    w.run([&]() -> asio::awaitable<void> {
      // Catch names its argument twice, and g++ 12 awaits both: no co_await inside a CHECK.
      const auto answer = co_await ask<u64>(*w.through, w.asked, 10s, u64{1});
      CHECK(answer == 2);
      const auto done = co_await ask<void>(*w.through, w.asked, 10s, caf::put_atom_v, u64{1});
      CHECK(done.has_value());
      CHECK(w.through->pending() == 0);
    });
  });
}

TEST_CASE("an answer of another type is an error", "[actors][ask]") {
  on_both_schedulers([](world& w) {
    w.run([&]() -> asio::awaitable<void> {
      const auto answer = co_await ask<std::string>(*w.through, w.asked, 10s, u64{1});
      CHECK(answer.error() == to_error_code(caf::sec::unexpected_response));
    });
  });
}

TEST_CASE("an actor's error reaches the coroutine", "[actors][ask]") {
  on_both_schedulers([](world& w) {
    w.run([&]() -> asio::awaitable<void> {
      const auto answer = co_await ask<u64>(*w.through, w.asked, 10s, caf::add_atom_v, u64{1});
      CHECK(answer.error() == to_error_code(caf::sec::invalid_argument));
    });
  });
}

TEST_CASE("a question that is never answered times out", "[actors][ask]") {
  on_both_schedulers([](world& w) {
    w.run([&]() -> asio::awaitable<void> {
      const auto answer = co_await ask<u64>(*w.through, w.asked, 5ms, caf::get_atom_v, u64{1});
      CHECK(answer.error() == protocol_errc::timed_out);
      CHECK(w.through->pending() == 0);
    });
  });
}

TEST_CASE("a dead actor and no actor are told apart", "[actors][ask]") {
  on_both_schedulers([](world& w) {
    w.run([&]() -> asio::awaitable<void> {
      caf::anon_send_exit(w.asked, caf::exit_reason::kill);
      const auto dead = co_await ask<u64>(*w.through, w.asked, 10s, u64{1});
      CHECK(dead.error() == to_error_code(caf::sec::request_receiver_down));
      const auto none = co_await ask<u64>(*w.through, oracle{}, 10s, u64{1});
      CHECK(none.error() == to_error_code(caf::sec::invalid_argument));
    });
  });
}

TEST_CASE("asking can be cancelled", "[actors][ask]") {
  using namespace asio::experimental::awaitable_operators;
  on_both_schedulers([](world& w) {
    w.run([&]() -> asio::awaitable<void> {
      asio::steady_timer timer{co_await asio::this_coro::executor, 2ms};
      const auto first = co_await (ask<u64>(*w.through, w.asked, 10s, caf::get_atom_v, u64{1}) ||
                                   timer.async_wait(asio::use_awaitable));
      CHECK(first.index() == 1);
      CHECK(w.through->pending() == 0);
    });
  });
}

TEST_CASE("closing the hub ends every question", "[actors][ask]") {
  on_both_schedulers([](world& w) {
    w.run([&]() -> asio::awaitable<void> {
      asio::post(*w.io, [&] { w.through->close(); });
      const auto open = co_await ask<u64>(*w.through, w.asked, 10s, caf::get_atom_v, u64{1});
      CHECK(open.error() == protocol_errc::closed);
      const auto late = co_await ask<u64>(*w.through, w.asked, 10s, u64{1});
      CHECK(late.error() == protocol_errc::closed);
    });
  });
}

TEST_CASE("an io_context may be destroyed with questions open", "[actors][ask]") {
  world w{scheduler::the_embedders};
  for (int i = 0; i < 20; ++i) {
    asio::co_spawn(*w.io, ask<u64>(*w.through, w.asked, 10s, caf::get_atom_v, u64{1}),
                   asio::detached);
    asio::co_spawn(*w.io, ask<u64>(*w.through, w.asked, 10s, u64{1}), asio::detached);
  }
  w.io->poll();
  w.through->close();
  w.io.reset();
  CHECK(w.through->pending() == 0);
}

/// What came of many questions; counted, since a check of Catch2's is for one thread alone.
struct tally {
  int answered = 0, wrong = 0;
};

asio::awaitable<void> churn(hub& through, caf::actor_system& system, int times, tally& came) {
  auto asked = system.spawn(testing::make_oracle, u64{1});
  forget_actor_system_on_this_thread();
  for (int i = 0; i < times; ++i) {
    const auto within = i % 3 == 0 ? protocol::duration{50us} : protocol::duration{10s};
    const auto answer = co_await ask<u64>(through, asked, within, static_cast<u64>(i));
    if (answer) {
      came.wrong += *answer != static_cast<u64>(i) + 1;
      ++came.answered;
    } else if (answer.error() != protocol_errc::timed_out) {
      came.wrong += answer.error() != to_error_code(caf::sec::request_receiver_down);
      asked = system.spawn(testing::make_oracle, u64{1});
      forget_actor_system_on_this_thread();
    }
    if (i % 50 == 49) caf::anon_send_exit(asked, caf::exit_reason::kill);
  }
  caf::anon_send_exit(asked, caf::exit_reason::kill);
}

TEST_CASE("answers race with timeouts and kills on two threads", "[actors][ask]") {
  on_both_schedulers([](world& w) {
    std::array<tally, 8> all{};
    for (auto& came : all)
      asio::co_spawn(asio::make_strand(*w.io), churn(*w.through, *w.system, 400, came),
                     asio::detached);
    std::thread second{[&] { w.io->run(); }};
    w.io->run();
    second.join();
    for (const auto& came : all) {
      CHECK(came.answered > 200);
      CHECK(came.wrong == 0);
    }
    CHECK(w.through->pending() == 0);
  });
}

TEST_CASE("protocol errors survive the way through an actor", "[actors][caf_error]") {
  for (const auto code : {make_error_code(protocol_errc::would_block),
                          std::error_code{ECONNREFUSED, std::system_category()},
                          to_error_code(caf::sec::bad_function_call)})
    CHECK(to_error_code(to_caf_error(code)) == code);
  CHECK(to_error_code(to_caf_error(asio::error::eof)) == to_error_code(caf::sec::runtime_error));
  CHECK_FALSE(to_error_code(caf::error{}));
  CHECK_FALSE(to_caf_error({}));
  CHECK(to_error_code(caf::make_error(caf::exit_reason::kill)).message() == "kill");
}

}  // namespace
}  // namespace causerie::actors
