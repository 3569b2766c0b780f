// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "protocol/bytes.hpp"

namespace causerie::journal {

/// A file opened through SQLite's file system, which keeps count of locks: POSIX takes a process's
/// locks on a file away when it closes any descriptor of it, so that looking at a journal with a
/// descriptor of our own would unlock it under a store of this very process.
///
/// What changes the file answers with SQLite's result codes. Thread rule: one thread at a time.
class vfs_file {
public:
  enum class mode : std::uint8_t {
    look,   ///< A database, for reading.
    write,  ///< A file of ours beside one; it has to be there.
  };

  vfs_file(const std::filesystem::path& path, const std::string& vfs, mode how = mode::look);
  ~vfs_file();
  vfs_file(const vfs_file&) = delete;
  vfs_file& operator=(const vfs_file&) = delete;

  [[nodiscard]] bool is_open() const noexcept { return open_; }
  /// Fills `into` from the beginning; what the file is too short for becomes zeros.
  [[nodiscard]] bool read_beginning(std::span<std::byte> into);
  /// Somebody, here or in another process, has locked it for writing.
  [[nodiscard]] bool locked();
  /// In bytes; zero when that cannot be told.
  [[nodiscard]] std::uint64_t size();
  [[nodiscard]] int write(protocol::byte_view bytes, std::uint64_t at);
  [[nodiscard]] int sync();
  [[nodiscard]] int truncate();

private:
  [[nodiscard]] sqlite3_file* file() noexcept {
    return reinterpret_cast<sqlite3_file*>(memory_.data());
  }

  std::vector<std::max_align_t> memory_;
  const char* name_ = nullptr;
  bool open_ = false;
};

}  // namespace causerie::journal
