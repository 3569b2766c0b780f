// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

namespace causerie::apps {

/// The last things that happened, as lines of JSON, for any number of readers at their own pace.
/// Bounded: the oldest items go first, and a reader that is too slow is told how many it missed.
/// One thread at a time.
class feed : public std::enable_shared_from_this<feed> {
public:
  struct item {
    std::uint64_t position;  ///< From 1 without holes.
    std::string line;
  };
  struct limits {
    std::size_t items_max = 4096;
    std::size_t bytes_max = 8u << 20;
  };
  class reader;

  explicit feed(asio::any_io_executor executor) : feed{std::move(executor), limits{}} {}
  feed(asio::any_io_executor executor, limits bounds);

  std::uint64_t push(std::string line);
  /// Nothing will follow: readers get what is left, then an empty batch.
  void close();
  /// The position of the newest item; 0 before the first.
  [[nodiscard]] std::uint64_t last() const noexcept { return last_; }

  /// Reads what comes behind `after`. Keeps the feed alive.
  [[nodiscard]] reader read(std::uint64_t after);

private:
  limits bounds_;
  std::deque<std::shared_ptr<const item>> items_;
  std::size_t bytes_ = 0;
  std::uint64_t last_ = 0;
  bool closed_ = false;
  asio::steady_timer changed_;  // Never expires; cancelled to wake the readers.
};

/// One reader's place in a feed.
class feed::reader {
public:
  struct batch {
    std::uint64_t skipped = 0;  ///< Items that were dropped before this reader came to them.
    std::vector<std::shared_ptr<const item>> items;
  };

  reader(std::shared_ptr<feed> source, std::uint64_t after)
      : source_{std::move(source)}, after_{after} {}

  /// Waits for something; empty only when the feed has been closed. May be cancelled.
  [[nodiscard]] asio::awaitable<batch> next();

private:
  std::shared_ptr<feed> source_;
  std::uint64_t after_;
};

}  // namespace causerie::apps
