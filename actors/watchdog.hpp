// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <asio/io_context.hpp>

#include "actors/node_context.hpp"

namespace causerie::actors {

/// Names the actor that has been in one handler for too long, from a thread of its own: such an
/// actor may hold the only thread of the loop, and with it everybody who could have said so.
///
/// It looks at what actors note in their posts anyway, so that they pay nothing for it. The loop
/// itself has a post too, with a pulse: when it stands still and no actor is to blame, it is
/// something else that runs on it.
class watchdog {
public:
  /// Told on the watchdog's thread, once each time something is stuck; may be empty.
  using told = std::function<void(const std::string& path, protocol::duration so_far)>;

  /// `after`: how long a handler may last, to within a quarter of that.
  watchdog(asio::io_context& io, std::weak_ptr<node_context> node, protocol::duration after,
           told tell);
  /// Waits for its thread, which is never long.
  ~watchdog();
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

private:
  struct state;
  std::shared_ptr<state> state_;
  std::thread thread_;
};

}  // namespace causerie::actors
