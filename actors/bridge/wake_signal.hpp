// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <system_error>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

namespace causerie::actors {

/// Any thread rings, one coroutine waits. A ring that comes before the wait is not lost; several
/// rings before it count as one. The waiting coroutine belongs to the io_context, so destroying
/// the context destroys it, and nothing else is left behind.
class wake_signal {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit wake_signal(asio::any_io_executor executor);

  /// Any thread, while the context exists; harmless at any time after `close`.
  void ring();
  /// Rings for the last time and lets go of the context. Every later wait returns at once.
  void close();

  /// Until a ring: no error; `protocol_errc::timed_out`, or `asio::error::operation_aborted`
  /// when the coroutine was cancelled. One coroutine at a time, on the executor.
  [[nodiscard]] asio::awaitable<std::error_code> wait_until(time_point deadline);
  [[nodiscard]] asio::awaitable<std::error_code> wait();

private:
  template <class Handler>
  void start_wait(time_point deadline, Handler handler);

  std::mutex mutex_;
  asio::any_io_executor executor_;
  std::optional<asio::steady_timer> timer_;  // None once closed.
  bool rung_ = false;
};

}  // namespace causerie::actors
