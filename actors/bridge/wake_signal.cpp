// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/wake_signal.hpp"

#include <utility>

#include <asio/error.hpp>
#include <asio/post.hpp>

#include "net/udp/as_result.hpp"
#include "protocol/errors.hpp"

namespace causerie::actors {
using net::as_result;

wake_signal::wake_signal(asio::any_io_executor executor)
    : executor_{std::move(executor)}, timer_{std::in_place, executor_} {}

void wake_signal::ring() {
  const std::lock_guard guard{mutex_};
  if (rung_ || !timer_) return;
  rung_ = true;
  timer_->cancel();
}

void wake_signal::close() {
  const std::lock_guard guard{mutex_};
  rung_ = true;
  timer_.reset();
}

template <class Handler>
void wake_signal::start_wait(time_point deadline, Handler handler) {
  const std::lock_guard guard{mutex_};
  if (rung_) {
    asio::post(executor_, [held = std::move(handler)]() mutable {
      std::move(held)(std::error_code{asio::error::operation_aborted});
    });
  } else {
    timer_->expires_at(deadline);
    timer_->async_wait(std::move(handler));
  }
}

asio::awaitable<std::error_code> wake_signal::wait_until(time_point deadline) {
  auto [error] = co_await asio::async_initiate<decltype(as_result), void(std::error_code)>(
      [this, deadline](auto handler) { start_wait(deadline, std::move(handler)); }, as_result);
  const std::lock_guard guard{mutex_};
  if (std::exchange(rung_, !timer_)) co_return std::error_code{};
  if (!error) co_return protocol::protocol_errc::timed_out;
  co_return error;
}

asio::awaitable<std::error_code> wake_signal::wait() { return wait_until(time_point::max()); }

}  // namespace causerie::actors
