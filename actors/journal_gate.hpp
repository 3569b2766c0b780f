// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "actors/group_port.hpp"
#include "actors/held_turns.hpp"
#include "actors/messages.hpp"

namespace causerie::actors {

/// Holds back what came of a durable group's turns until the journal has kept what they did. It
/// lives in the vault beside the machine: a killed orderer's successor lets out what waits.
///
/// Thread rule: the orderer's turns only, but for `close`.
class journal_gate {
public:
  /// What one turn of an orderer gave.
  struct turn {
    send_frames frames;
    send_internal internal;
    std::vector<presence> news;
    std::vector<std::pair<group_port::send_done, protocol::result<protocol::message_id>>> answers;
    std::vector<journal::note_written> records;  ///< To be kept with the group's own notes.
    protocol::cursor events = 0;  ///< The application may read up to here; zero: as before.

    [[nodiscard]] bool empty() const noexcept {
      return frames.frames.empty() && internal.messages.empty() && news.empty() &&
             answers.empty() && events == 0;
    }
  };

  /// `readable`: the last event that is kept already.
  journal_gate(std::shared_ptr<journal_desk> desk, journal::group_owner owner,
               protocol::cursor readable)
      : held_{std::move(desk)}, owner_{std::move(owner)}, readable_{readable} {}

  /// Takes a turn and what has to be kept before it may go on. True when that is to be done now;
  /// how far the application has read, if it is all there is, can wait (`due`) for what comes next.
  /// While so much waits that the gate is full, frames that go with nothing to keep are dropped:
  /// rows and questions are said again.
  [[nodiscard]] bool put(turn came, std::vector<protocol::group_note> notes,
                         protocol::wall_time now, protocol::instant at);
  /// When what could wait is to be kept, whatever comes: let `put` be called then.
  [[nodiscard]] std::optional<protocol::instant> due() const noexcept { return due_; }

  /// Nobody waits for a cursor. One that a kill takes along shows its last events again.
  static constexpr protocol::duration cursor_may_wait = std::chrono::milliseconds{20};
  /// The disk failed for good: nothing goes out any more, and every send that waits to be kept gets
  /// `reason`: nobody can tell whether it was.
  void give_up(std::error_code reason);
  /// The turns that may go on now, in order.
  [[nodiscard]] std::vector<turn> take_kept();
  /// The node ends: every send that waits gets its answer, and nothing goes out any more. Those
  /// that wait may hold the group's room, which holds this: without it neither would ever go.
  void close();
  [[nodiscard]] protocol::cursor readable() const noexcept { return readable_; }
  [[nodiscard]] std::error_code trouble() const { return held_.trouble(); }
  /// So much waits that nothing more should come in: what is dropped now can be repaired.
  [[nodiscard]] bool full() const noexcept { return held_.full(); }

private:
  [[nodiscard]] static bool only_frames(const turn& came) noexcept {
    return came.internal.messages.empty() && came.news.empty() && came.answers.empty() &&
           came.events == 0;
  }
  void refuse(turn& came) const;
  [[nodiscard]] bool is_due(protocol::instant at) noexcept;

  held_turns<turn> held_;
  journal::group_owner owner_;
  protocol::cursor readable_;
  std::error_code given_up_;
  std::optional<protocol::instant> due_;
};

}  // namespace causerie::actors
