// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include <asio/io_context.hpp>

#include "caf/fwd.hpp"

namespace causerie::actors {

/// Actors that wait for their turn on an io_context. Jobs lie here and not in posted handlers, so
/// that they can still be run when the context is not: a handler only comes and takes some. One
/// handler serves a whole burst, and no more handlers are outstanding than can run at once. Any
/// thread. A handler that comes after `leave` does nothing and touches nothing but this queue.
class run_queue : public std::enable_shared_from_this<run_queue> {
public:
  using job = caf::resumable*;
  using clock = std::chrono::steady_clock;

  /// `parallel_max`: turns that may be given at once, on as many threads. `turn` gives a job its
  /// turn, and pushes it again if it wants another one.
  run_queue(asio::io_context& io, std::size_t parallel_max, std::function<void(job)> turn);

  void push(job waiting);

  /// Gives the io_context up for good; returns when no handler is giving a turn any more. Not from
  /// within a turn.
  void leave();
  /// The next job, null when there is none. Only after `leave`.
  [[nodiscard]] job pop();
  /// Waits until a job is there, or `deadline`.
  void wait_until(clock::time_point deadline);

private:
  void on_handler();
  [[nodiscard]] job next(std::size_t& turns_left);
  void post_if_needed(bool from_handler);  // Under mutex_.

  asio::io_context& io_;
  const std::size_t parallel_max_;
  const std::function<void(job)> turn_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<job> jobs_;
  std::size_t posted_ = 0;   // Handlers that have not begun.
  std::size_t running_ = 0;  // Handlers that have begun and not ended.
  bool left_ = false;
};

}  // namespace causerie::actors
