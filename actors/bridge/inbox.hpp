// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include "actors/bridge/wake_signal.hpp"

namespace causerie::actors {

/// From actors to a coroutine: any thread pushes, one coroutine takes all that is there. One
/// wake-up per batch, not per item. Bounded: a full inbox refuses, and tells once there is room.
///
/// Owned by a shared pointer on both sides. Close it before the coroutine's io_context is
/// destroyed; a coroutine that is destroyed while it waits closes it by itself.
template <class Item>
class inbox : public std::enable_shared_from_this<inbox<Item>> {
public:
  inbox(asio::any_io_executor executor, std::size_t items_max)
      : items_max_{items_max}, filled_{std::move(executor)} {}

  /// Called once after a refusal, by the coroutine, when there is room again. Set it before use;
  /// it must not block (let it send a message).
  void on_space(std::function<void()> tell) { on_space_ = std::move(tell); }

  /// False, and `item` untouched: full, or closed.
  [[nodiscard]] bool push(Item&& item) {
    const std::lock_guard guard{mutex_};
    if (closed_) return false;
    if (items_.size() >= items_max_) {
      refused_ = true;
      return false;
    }
    items_.push_back(std::move(item));
    filled_.ring();
    return true;
  }

  /// What is there can still be taken; then every `take` is empty.
  void close() {
    const std::lock_guard guard{mutex_};
    closed_ = true;
    filled_.close();
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard guard{mutex_};
    return items_.size();
  }

  /// Everything that is there, in the order of the pushes, waiting for the first. Empty: closed,
  /// or this coroutine was cancelled. One coroutine at a time, on the executor.
  [[nodiscard]] asio::awaitable<std::vector<Item>> take() {
    const auto self = this->shared_from_this();
    close_on_exit abandoned{this};
    auto taken = take_now();
    while (taken.first.empty() && !taken.second) {
      if (co_await filled_.wait()) break;
      taken = take_now();
    }
    abandoned.target = nullptr;
    co_return std::move(taken.first);
  }

private:
  struct close_on_exit {
    inbox* target;
    ~close_on_exit() {
      if (target != nullptr) target->close();
    }
  };

  std::pair<std::vector<Item>, bool> take_now() {
    std::vector<Item> taken;
    bool tell = false;
    bool closed = false;
    {
      const std::lock_guard guard{mutex_};
      taken.swap(items_);
      tell = std::exchange(refused_, false);
      closed = closed_;
    }
    if (tell && on_space_) on_space_();
    return {std::move(taken), closed};
  }

  const std::size_t items_max_;
  std::function<void()> on_space_;
  mutable std::mutex mutex_;  // Taken before the signal's.
  std::vector<Item> items_;
  bool closed_ = false;
  bool refused_ = false;
  wake_signal filled_;
};

}  // namespace causerie::actors
