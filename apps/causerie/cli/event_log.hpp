// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace causerie::apps {

/// The program's log on standard error, for `causerie node -v`: what happens in the node, with
/// time and level. Written by a thread of its own; when standard error is slow the oldest lines go.
class event_log {
public:
  /// 1: members, actors, groups; 2: every message too.
  explicit event_log(std::size_t verbosity);
  ~event_log();
  event_log(const event_log&) = delete;
  event_log& operator=(const event_log&) = delete;

  /// `line`: an event, schema `causerie.event/1`.
  void write(const std::string& line);

private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace causerie::apps
