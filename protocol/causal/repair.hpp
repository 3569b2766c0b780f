// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <map>
#include <optional>

#include "protocol/causal/group_frames.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol::causal {

/// Something that exists and has not arrived: per sender, when we saw that, and whom we asked.
/// Pull only, one asker and one holder at a time, so that a lost datagram never makes a storm.
struct want {
  sequence noticed_up_to = 0;     ///< Missing when we looked; what is above may be on its way.
  std::optional<instant> ask_at;  ///< None: nobody who could help is reachable.
  std::uint64_t request = 0;      ///< The outstanding request, if any.
  member_tag asked{};             ///< Whom it went to.
  instant asked_at{};
  instant opened{};       ///< When something was first seen to be missing.
  unsigned attempts = 0;  ///< Since something last arrived.
  sequence progress = 0;  ///< What was delivered when `attempts` was last reset.
};

/// All wants of a group, and when the next one is due.
class repair_queue {
public:
  [[nodiscard]] want* find(member_tag tag) {
    const auto found = wants_.find(tag);
    return found == wants_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const want* find(member_tag tag) const {
    const auto found = wants_.find(tag);
    return found == wants_.end() ? nullptr : &found->second;
  }
  want& open(member_tag tag) { return wants_[tag]; }
  void close(member_tag tag) { wants_.erase(tag); }
  void clear() { wants_.clear(); }
  [[nodiscard]] bool empty() const noexcept { return wants_.empty(); }
  [[nodiscard]] std::map<member_tag, want>& all() noexcept { return wants_; }
  [[nodiscard]] const std::map<member_tag, want>& all() const noexcept { return wants_; }

  [[nodiscard]] std::optional<instant> next_deadline() const {
    std::optional<instant> next;
    for (const auto& [tag, want] : wants_)
      if (want.ask_at && (!next || *want.ask_at < *next)) next = want.ask_at;
    return next;
  }
  /// Members or rows changed: those that had nobody to ask look again.
  void wake(instant now) {
    for (auto& [tag, want] : wants_)
      if (!want.ask_at) want.ask_at = now;
  }
  /// Whatever was asked of anybody may have been lost: ask again.
  void restart(instant now) {
    for (auto& [tag, want] : wants_) want.ask_at = now;
  }
  /// The answer to `request` has come to its end: what it did not bring can be asked for soon, the
  /// later the more often it brought nothing.
  void on_answer(std::uint64_t request, instant now) {
    for (auto& [tag, want] : wants_) {
      if (want.request != request || !want.ask_at) continue;
      const auto pause = std::chrono::milliseconds{4} * (1u << std::min(want.attempts, 8u));
      want.ask_at = std::min(*want.ask_at, now + pause);
    }
  }
  [[nodiscard]] std::uint64_t next_request() noexcept { return ++requests_; }

private:
  std::map<member_tag, want> wants_;
  std::uint64_t requests_ = 0;
};

}  // namespace causerie::protocol::causal
