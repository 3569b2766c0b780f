// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "actors/bridge/wake_signal.hpp"
#include "actors/node_context.hpp"
#include "causerie/causerie.hpp"

namespace causerie::actors {

/// The latest things that happened in a node, numbered, for whoever watches. Any thread.
class event_ring {
public:
  static constexpr std::size_t events_max = 4096;  ///< Older ones are forgotten.

  void add(occurrence what);
  /// The events behind `since` that are still here.
  [[nodiscard]] std::vector<node_event> behind(std::uint64_t since) const;
  /// Rung at the next event; the caller keeps it alive while it waits.
  void watch(const std::shared_ptr<wake_signal>& signal);

private:
  mutable std::mutex mutex_;
  std::deque<node_event> events_;
  std::uint64_t next_ = 1;
  std::vector<std::weak_ptr<wake_signal>> watchers_;
};

}  // namespace causerie::actors
