// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/invocation.hpp"
#include "apps/causerie/node/node_start.hpp"

namespace causerie::apps {

/// A node process that another process directs: orders come in as JSON Lines on its standard input,
/// reports go out on its standard output. It ends at once when nobody directs it any more. Says
/// `{"is":"ready",...}` first and `progress()` whenever that has changed, every 100 ms at most.
class directed_process {
public:
  directed_process(asio::io_context& io, invocation& run);
  virtual ~directed_process() = default;

  /// Runs until an order ends it, then leaves in order; never returns, the process is over.
  [[noreturn]] void live();

protected:
  /// False: that was the last order.
  virtual asio::awaitable<bool> obey(nlohmann::json order) = 0;
  [[nodiscard]] virtual nlohmann::json progress() const = 0;
  /// Called once the node is ready.
  virtual void begin() = 0;

  void report(const nlohmann::json& object) { terminal_.answer(object); }
  void stop_progress() { reporting_ = false; }
  [[nodiscard]] causerie::node& node() { return started_.node->node(); }
  [[nodiscard]] live_node& service() { return *started_.node; }

  asio::io_context& io_;

private:
  asio::awaitable<void> take_orders();
  asio::awaitable<void> report_progress();
  asio::awaitable<void> end_when_it_fails();

  console& terminal_;
  started_node started_;
  asio::posix::stream_descriptor input_;
  bool reporting_ = true;
};

}  // namespace causerie::apps
