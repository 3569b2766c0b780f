// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "journal/row_store.hpp"
#include "journal/sqlite/vfs_file.hpp"

namespace causerie::journal {

/// Rows of the table `recent`, one after the other in a file beside the database: a commit that
/// brings one such row and nothing else is one write here, where SQLite runs two statements and
/// writes pages.
///
/// The file is an identity and entries. An entry names its place in the sequence of all commits,
/// the database's included, and carries a checksum over identity, place, key and value. The
/// database remembers the identity, which is another one at every opening, and the last place that
/// it has in its tables, so that what an entry says is believed only where everything before it is
/// there. The log ends at the first entry that is not whole, as SQLite's own does ("The Database
/// File Format", section 4): a write that nobody has acknowledged was cut off there.
///
/// Memory: none. The file: what is appended until `restart`. Thread rule: one thread at a time.
class commit_log {
public:
  using identity = std::array<std::uint8_t, 16>;
  struct entry {
    std::uint64_t sequence = 0, key = 0;
    shared_bytes value;
  };

  [[nodiscard]] static std::filesystem::path beside(const std::filesystem::path& database) {
    return database.string() + "-commits";
  }
  /// Every whole entry from the beginning on, whoever's they are; none where there is no file.
  [[nodiscard]] static std::vector<entry> salvage(const std::filesystem::path& database);

  /// The file has to be there; it is not touched before the first `append`.
  commit_log(const std::filesystem::path& database, const std::string& vfs)
      : file_{beside(database), vfs, vfs_file::mode::write} {}

  [[nodiscard]] bool is_open() const noexcept { return file_.is_open(); }
  /// What the database with this identity, which has everything up to `base`, has not.
  [[nodiscard]] std::vector<entry> after(std::uint64_t base, const identity& who);
  /// From now on entries are those of `who`, from the beginning of the file.
  void restart(const identity& who) noexcept;
  void restart() noexcept { restart(who_); }
  /// Errors: `disk_full`; `io_failed`. A failed one is written over by the next.
  [[nodiscard]] std::error_code append(std::uint64_t sequence, std::uint64_t key, byte_view value);
  /// Errors: `sync_failed`.
  [[nodiscard]] std::error_code sync();
  /// Nothing has been appended since it was begun.
  [[nodiscard]] bool empty() const noexcept { return end_ == 0; }
  /// Gives the disk its room back.
  void clear() { (void)file_.truncate(); }

private:
  vfs_file file_;
  identity who_{};
  std::uint64_t end_ = 0;  // Where the next entry goes; zero: the identity is not written yet.
  byte_buffer scratch_;
};

}  // namespace causerie::journal
