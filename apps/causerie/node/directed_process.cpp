// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/node/directed_process.hpp"

#include <csignal>
#include <cstdlib>

#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/read_until.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "apps/causerie/cli/json_text.hpp"
#include "net/udp/as_result.hpp"

namespace causerie::apps {

using net::as_result;

namespace {

using nlohmann::json;
using namespace asio::experimental::awaitable_operators;
constexpr auto report_every = std::chrono::milliseconds{100};
constexpr auto leave_patience_directed = std::chrono::seconds{4};

}  // namespace

directed_process::directed_process(asio::io_context& io, invocation& run)
    : io_{io},
      terminal_{run.terminal},
      started_{start_node(io, run.chosen)},
      input_{io, ::dup(STDIN_FILENO)} {}

void directed_process::live() {
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C is for the director, who ends the input.
  const auto facts = started_.node->facts();
  report({{"is", "ready"},
          {"name", facts.name},
          {"id", facts.id.text()},
          {"address", facts.address.text()}});
  begin();
  asio::co_spawn(io_, report_progress(), asio::detached);
  asio::co_spawn(io_, end_when_it_fails(), asio::detached);
  std::exception_ptr failure;
  asio::co_spawn(io_, take_orders(), [&](std::exception_ptr thrown) {
    failure = thrown;
    io_.stop();
  });
  io_.run();
  if (failure) std::rethrow_exception(failure);
  std::fflush(stdout);
  std::_Exit(0);  // Coroutines that wait for ever are not worth taking apart.
}

asio::awaitable<void> directed_process::take_orders() {
  std::string buffer;
  for (bool going_on = true; going_on;) {
    const auto [error, bytes] =
        co_await asio::async_read_until(input_, asio::dynamic_buffer(buffer), '\n', as_result);
    if (error) std::_Exit(1);
    auto order = json_of({buffer.data(), bytes});
    buffer.erase(0, bytes);
    if (order.is_object()) going_on = co_await obey(std::move(order));
  }
  asio::steady_timer patience{io_, leave_patience_directed};
  co_await (started_.node->leave() || patience.async_wait(as_result));
}

asio::awaitable<void> directed_process::end_when_it_fails() {
  const auto error = node_failed(co_await started_.node->failure());
  asio::steady_timer patience{io_, leave_patience_directed};
  co_await (started_.node->leave() || patience.async_wait(as_result));
  std::fprintf(stderr, "%s\n", error.message.c_str());
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(error.exit));
}

asio::awaitable<void> directed_process::report_progress() {
  asio::steady_timer timer{io_};
  for (json last; reporting_;) {
    auto now = progress();
    if (now != last) report(now);
    last = std::move(now);
    timer.expires_after(report_every);
    co_await timer.async_wait(as_result);
  }
}

}  // namespace causerie::apps
