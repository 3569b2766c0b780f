// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/run_queue.hpp"

#include <utility>

#include <asio/defer.hpp>
#include <asio/post.hpp>

namespace causerie::actors {
namespace {

/// A handler gives at most so many turns before sockets and timers have theirs.
constexpr std::size_t turns_max = 64;

}  // namespace

run_queue::run_queue(asio::io_context& io, std::size_t parallel_max, std::function<void(job)> turn)
    : io_{io}, parallel_max_{parallel_max}, turn_{std::move(turn)} {}

void run_queue::push(job waiting) {
  const std::lock_guard guard{mutex_};
  jobs_.push_back(waiting);
  if (left_) {
    changed_.notify_all();
  } else {
    post_if_needed(/*from_handler=*/false);
  }
}

void run_queue::leave() {
  std::unique_lock lock{mutex_};
  left_ = true;
  changed_.wait(lock, [this] { return running_ == 0; });
}

run_queue::job run_queue::pop() {
  std::size_t one = 1;
  return next(one);
}

void run_queue::wait_until(clock::time_point deadline) {
  std::unique_lock lock{mutex_};
  changed_.wait_until(lock, deadline, [this] { return !jobs_.empty(); });
}

run_queue::job run_queue::next(std::size_t& turns_left) {
  const std::lock_guard guard{mutex_};
  if (turns_left == 0 || jobs_.empty()) return nullptr;
  --turns_left;
  const auto first = jobs_.front();
  jobs_.pop_front();
  return first;
}

void run_queue::on_handler() {
  std::size_t turns_left = turns_max;
  {
    const std::lock_guard guard{mutex_};
    --posted_;
    if (left_) return;
    ++running_;
  }
  while (const auto waiting = next(turns_left)) turn_(waiting);
  const std::lock_guard guard{mutex_};
  --running_;
  if (left_) {
    changed_.notify_all();
  } else {
    post_if_needed(/*from_handler=*/true);
  }
}

void run_queue::post_if_needed(bool from_handler) {
  if (posted_ >= jobs_.size() || posted_ + running_ >= parallel_max_) return;
  ++posted_;
  auto handler = [self = shared_from_this()] { self->on_handler(); };
  if (from_handler) {
    asio::defer(io_, std::move(handler));
  } else {
    asio::post(io_, std::move(handler));
  }
}

}  // namespace causerie::actors
