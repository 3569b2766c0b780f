// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "protocol/causal/group_config.hpp"
#include "protocol/causal/group_event.hpp"

namespace causerie::protocol::causal {

/// The events of a group for its application, each under its cursor, until they are committed.
/// Reading changes nothing, so a reader that died reads the same again: no event is doubled or
/// skipped by any actor's death. Full is a state that delivery has to respect; events themselves
/// are never refused.
class delivery_stream {
public:
  explicit delivery_stream(const group_config& config)
      : events_max_{config.stream_events_max}, bytes_max_{config.stream_bytes_max} {}

  /// While hidden, what is appended waits unseen and unbounded (by anything but the history that
  /// members hold): the history of a joiner that may still have to start later.
  void hide() noexcept { hidden_ = true; }
  /// Makes the stream visible, beginning with `joined`.
  void start(joined_event joined);
  /// The last event, whether or not the stream had begun.
  void end(ended_event ended);
  /// What an earlier life left: its last committed event, and those behind it. Call it first.
  void restore(cursor committed, std::vector<decltype(group_event::what)> events);
  /// Forgets what was gathered while hidden.
  void drop_hidden();

  template <class Event>
  void append(Event event) {
    if (hidden_) {
      waiting_.emplace_back(std::move(event));
      return;
    }
    push(std::move(event));
  }

  [[nodiscard]] std::vector<group_event> read(cursor after, std::size_t events_max) const;
  /// True when that made room in a full stream. Beyond the last event: up to the last one.
  bool commit(cursor up_to);
  [[nodiscard]] cursor committed() const noexcept { return committed_; }
  [[nodiscard]] cursor last() const noexcept { return committed_ + events_.size(); }

  [[nodiscard]] bool full() const noexcept {
    return !hidden_ && (events_.size() >= events_max_ || bytes_ >= bytes_max_);
  }
  [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  /// Throws `broken_invariant`.
  void audit() const;

private:
  using event_body = decltype(group_event::what);
  void push(event_body what);

  std::deque<group_event> events_;  // Not committed yet.
  std::deque<event_body> waiting_;  // Not visible yet.
  cursor committed_ = 0;
  std::size_t bytes_ = 0;  // Payloads in events_.
  bool hidden_ = false;
  std::size_t events_max_, bytes_max_;
};

}  // namespace causerie::protocol::causal
