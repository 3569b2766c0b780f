// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "actors/journal_desk.hpp"

namespace causerie::actors {

/// Holds back what came of an actor's turns until the journal has kept what they did. It lives in
/// the vault beside the machine: a killed actor's successor lets out what waits.
///
/// Thread rule: that actor's turns only, but for `take_kept` and `close` when the node ends.
template <class Turn>
class held_turns {
public:
  explicit held_turns(std::shared_ptr<journal_desk> desk) : desk_{std::move(desk)} {}

  /// Takes a turn and what has to be kept before it may go on. True when the writer has work.
  [[nodiscard]] bool put(Turn came, std::optional<journal::batch> work) {
    std::lock_guard lock{mutex_};
    if (closed_) return false;
    if (work) last_ = desk_->leave(std::move(*work));
    if (!came.empty()) turns_.emplace_back(last_, std::move(came));
    return work.has_value();
  }
  /// The turns that may go on now, in order.
  [[nodiscard]] std::vector<Turn> take_kept() {
    std::vector<Turn> kept;
    std::lock_guard lock{mutex_};
    const auto up_to = desk_->kept_up_to();
    while (!turns_.empty() && turns_.front().first <= up_to) {
      kept.push_back(std::move(turns_.front().second));
      turns_.pop_front();
    }
    return kept;
  }
  /// And all others: nothing will be kept any more, or the actor's life is over.
  [[nodiscard]] std::vector<Turn> take_all() {
    std::lock_guard lock{mutex_};
    return all();
  }
  /// The same when the node ends, on any thread: what comes later is dropped.
  [[nodiscard]] std::vector<Turn> close() {
    std::lock_guard lock{mutex_};
    closed_ = true;
    return all();
  }
  [[nodiscard]] bool closed() const noexcept {
    std::lock_guard lock{mutex_};
    return closed_;
  }
  [[nodiscard]] std::error_code trouble() const { return desk_->trouble(); }
  /// So much waits that nothing more should come in: what is dropped now can be repaired.
  [[nodiscard]] bool full() const noexcept {
    std::lock_guard lock{mutex_};
    return turns_.size() >= turns_max;
  }

  static constexpr std::size_t turns_max = 4096;

private:
  std::vector<Turn> all() {
    std::vector<Turn> all;
    for (auto& [_, came] : std::exchange(turns_, {})) all.push_back(std::move(came));
    return all;
  }

  std::shared_ptr<journal_desk> desk_;
  mutable std::mutex mutex_;  // For `close`: else one actor alone is here.
  bool closed_ = false;
  std::deque<std::pair<journal_desk::ticket, Turn>> turns_;
  journal_desk::ticket last_ = 0;  // Of our own batches.
};

}  // namespace causerie::actors
