// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "journal/kept_channels.hpp"
#include "journal/kept_group.hpp"

namespace causerie::actors {

/// Where those who have something to keep meet the journal. It lives outside every actor, so that
/// no batch is ever only in a mailbox: a killed writer's successor finds what waits.
///
/// Thread rule: any thread; `leave`, `kept_up_to`, `trouble`, `change_of_trouble`, `kept_more` and
/// `keep_at_once` do not wait for another thread's use of the disk, all others do.
class journal_desk {
public:
  /// The n-th batch left here, from 1.
  using ticket = std::uint64_t;

  explicit journal_desk(journal::node_journal journal) : journal_{std::move(journal)} {}

  /// Leaves a batch to be kept.
  [[nodiscard]] ticket leave(journal::batch work);
  /// Every batch up to this one outlives the process (and, as the store was opened, power cuts).
  [[nodiscard]] ticket kept_up_to() const noexcept { return kept_; }
  /// Why nothing is kept just now: `disk_full`, which passes, or one for which `is_final` holds.
  [[nodiscard]] std::error_code trouble() const;

  /// What became of the trouble since this was asked last; none when nothing did.
  [[nodiscard]] std::optional<std::error_code> change_of_trouble();

  /// True when more is kept than when this was asked last.
  [[nodiscard]] bool kept_more();

  /// Keeps what waits on the thread of one who left some of it: two messages, to the writer and
  /// back, cost more than the commit. False when that is left to the writer: there is trouble, or
  /// somebody is at the disk.
  bool keep_at_once();
  /// Keeps everything that waits, in one commit: it costs hardly more than one batch. True when
  /// nothing waits any more.
  bool keep_all();
  /// Begins another life in this process, under `epoch` at least: what waits and cannot be kept is
  /// forgotten, and whoever asks for a group now gets it as this life found it.
  [[nodiscard]] journal::result<protocol::boot_epoch> begin_life(protocol::boot_epoch epoch,
                                                                 protocol::wall_time now);
  /// A group as its last life left it; none when it is not kept.
  [[nodiscard]] journal::result<std::optional<protocol::group_image>> load(
      const protocol::group_id& group);
  /// The names of the groups that are kept.
  [[nodiscard]] journal::result<std::vector<std::string>> groups();

  /// The durable channels as the last life left them.
  [[nodiscard]] journal::result<protocol::channels_image> load_channels();
  /// What was kept under this name and key (see `journal::note_written`).
  [[nodiscard]] journal::result<std::optional<protocol::shared_bytes>> note(
      const std::string& owner, const std::string& key);

  /// Keeps what waits and lets go of the file, whoever still holds the desk: what is left later is
  /// not kept any more, and what is asked for is answered with `closed`.
  void close();

private:
  bool keep_waiting();
  [[nodiscard]] std::error_code keep(std::vector<journal::batch>& batches);

  mutable std::mutex mutex_;  // Of what waits; held for moments.
  std::vector<journal::batch> waiting_;
  ticket last_ = 0;
  std::error_code trouble_, told_;
  std::atomic<ticket> kept_ = 0;
  ticket told_kept_ = 0;

  std::mutex disk_;                               // Held for as long as the disk takes.
  std::optional<journal::node_journal> journal_;  // None once it is closed.
};

}  // namespace causerie::actors
