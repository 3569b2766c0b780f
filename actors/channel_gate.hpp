// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "actors/held_turns.hpp"
#include "actors/messages.hpp"
#include "journal/kept_channels.hpp"
#include "protocol/channel/channel_set.hpp"

namespace causerie::actors {

/// What one turn of the channels gave.
struct channel_turn {
  send_frames frames;
  std::vector<std::function<void()>> kept;  ///< Whom to tell that a message outlives the process.
  std::vector<std::pair<std::uint64_t, protocol::send_outcome>> outcomes;  ///< By message.

  [[nodiscard]] bool empty() const noexcept {
    return frames.frames.empty() && kept.empty() && outcomes.empty();
  }
};

/// Between the channels of a node that has a journal and everybody else. What has nothing to do
/// with a durable channel waits for no commit, but never overtakes what does.
class channel_gate {
public:
  explicit channel_gate(std::shared_ptr<journal_desk> desk) : held_{std::move(desk)} {}

  /// True when the writer has work.
  [[nodiscard]] bool put(channel_turn came, std::vector<protocol::channel_note> notes) {
    std::optional<journal::batch> work;
    if (!notes.empty()) work = journal::records_of(std::move(notes), journal::durability::process);
    return held_.put(std::move(came), std::move(work));
  }
  [[nodiscard]] std::vector<channel_turn> take_kept() { return held_.take_kept(); }
  /// Nothing will be kept any more: what waits for it never goes out.
  void drop() { (void)held_.take_all(); }
  /// The node ends; any thread.
  void close() { (void)held_.close(); }
  [[nodiscard]] std::error_code trouble() const { return held_.trouble(); }
  [[nodiscard]] bool full() const noexcept { return held_.full(); }

private:
  held_turns<channel_turn> held_;
};

}  // namespace causerie::actors
