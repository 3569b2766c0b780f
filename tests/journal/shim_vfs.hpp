// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "protocol/random.hpp"

namespace causerie::journal::test {

/// A file system for SQLite that fails when told to, and remembers what has not been synced, so
/// that a power cut can be played: synced bytes are there, of the others each sector of each write
/// may or may not have reached the disk.
class shim_vfs {
public:
  shim_vfs();
  ~shim_vfs();
  shim_vfs(const shim_vfs&) = delete;
  shim_vfs& operator=(const shim_vfs&) = delete;

  [[nodiscard]] std::string name() const { return name_; }

  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t syncs_left = never;        ///< Then xSync fails, every time.
  std::uint64_t write_bytes_left = never;  ///< Then the disk is full.
  std::uint64_t writes_left = never;       ///< Then xWrite fails.
  std::uint64_t syncs = 0, writes = 0;

  /// Writes to `folder` what a power cut now would leave of every file that was opened.
  void cut_power_into(const std::filesystem::path& folder, protocol::random_source& chance) const;

private:
  struct pending_write {
    std::uint64_t at;
    std::string bytes;
    bool truncates = false;  // To `at`.
  };
  struct disk_file {
    std::string synced;
    std::vector<pending_write> pending;
  };
  struct open_file;

  static void apply(std::string& to, const pending_write& what);
  [[nodiscard]] disk_file& file_of(sqlite3_file* file);
  int open(const char* path, sqlite3_file* file, int flags, int* flags_out);
  int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at);
  int truncate(sqlite3_file* file, sqlite3_int64 size);
  int sync(sqlite3_file* file, int flags);
  static const sqlite3_io_methods* methods();

  std::string name_;
  sqlite3_vfs* real_;
  sqlite3_vfs own_;
  std::map<std::string, disk_file> files_;
};

}  // namespace causerie::journal::test
