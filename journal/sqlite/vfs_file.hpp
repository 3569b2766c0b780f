// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "protocol/bytes.hpp"

namespace causerie::journal {

/// A file opened for reading through SQLite's file system. POSIX takes a process's locks on a file
/// away when it closes any descriptor of it: looking at a journal with a descriptor of our own
/// would unlock it under a store of this very process. SQLite keeps count.
class vfs_file {
public:
  vfs_file(const std::filesystem::path& path, const std::string& vfs);
  ~vfs_file();
  vfs_file(const vfs_file&) = delete;
  vfs_file& operator=(const vfs_file&) = delete;

  [[nodiscard]] bool is_open() const noexcept { return open_; }
  /// Fills `into` from the beginning; what the file is too short for becomes zeros.
  [[nodiscard]] bool read_beginning(std::span<std::byte> into);
  /// Somebody, here or in another process, has locked it for writing.
  [[nodiscard]] bool locked();

private:
  [[nodiscard]] sqlite3_file* file() noexcept {
    return reinterpret_cast<sqlite3_file*>(memory_.data());
  }

  std::vector<std::max_align_t> memory_;
  const char* name_ = nullptr;
  bool open_ = false;
};

}  // namespace causerie::journal
