// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "journal/row_store.hpp"
#include "protocol/random.hpp"

namespace causerie::journal {

/// A disk of the simulator and of tests, which outlives the stores that are opened on it.
///
/// A commit outlives kill -9 at once, and a power cut when it has been synced: a cut takes any
/// number of unsynced commits from the end, never one from the middle. A commit that the cut tears
/// in two is lost whole, as SQLite's checksums have it; the state is always that of some commit.
class simulated_disk {
public:
  explicit simulated_disk(place_mark place = {}) : place_{place} {}

  /// `synced`: every commit is, as with `sync = full`. One store at a time: the second is refused
  /// with `in_use` while the first lives and the machine has not crashed since.
  [[nodiscard]] result<std::unique_ptr<row_store>> open(bool synced);

  /// The process dies; every store that was open is dead.
  void kill();
  /// The power fails: as `kill`, and `chance` decides how many unsynced commits are lost.
  void cut_power(protocol::random_source& chance);
  /// As `cut_power`, with that many lost of those that may be.
  void cut_power(std::size_t lost_max);
  [[nodiscard]] std::size_t unsynced() const noexcept { return undo_.size(); }

  /// What a copy of the file on another machine would be.
  [[nodiscard]] simulated_disk copy(place_mark place) const;
  void erase_everything();

  // Faults, until taken back.
  std::optional<std::size_t> bytes_max;  ///< Rows beyond it: `disk_full`.
  bool fail_next_sync = false;           ///< Once: the unsynced may be lost, the store is poisoned.
  bool fail_next_write = false;          ///< Once: `io_failed`.

private:
  friend class simulated_store;
  using rows = std::map<byte_buffer, shared_bytes>;
  /// What a row was before a change; none: it was not there.
  struct change {
    table in{};
    byte_buffer key;
    std::optional<shared_bytes> before;
  };
  using changes = std::vector<change>;

  [[nodiscard]] rows& of(table in) { return tables_[static_cast<std::size_t>(in)]; }
  void set(table in, byte_view key, std::optional<shared_bytes> value, changes& undo);
  void take_back(changes& undo);
  void lose(std::size_t commits);

  std::array<rows, tables.size() + 1> tables_;
  changes open_;              // Of the transaction that is open.
  std::deque<changes> undo_;  // Of each unsynced commit, the oldest first.
  std::size_t bytes_ = 0;     // Keys and values of all rows.
  place_mark place_;
  std::uint64_t boots_ = 0;     // A store of an earlier boot is dead.
  std::weak_ptr<bool> opened_;  // Alive while a store is.
};

}  // namespace causerie::journal
