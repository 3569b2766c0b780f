// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "journal/row_store.hpp"

/// A row store in one SQLite file: how to open one. SQLite itself does not show.
namespace causerie::journal {

enum class sync_mode : std::uint8_t {
  normal,  ///< A power cut may take the youngest commits, never one from the middle.
  full,    ///< Every commit is fsynced.
};
enum class check_level : std::uint8_t {
  structure,  ///< Pages and trees.
  rows,       ///< And the checksum of every row.
};

struct sqlite_settings {
  std::filesystem::path file;
  sync_mode sync = sync_mode::normal;
  check_level check = check_level::rows;  ///< At opening.
  std::uint32_t checkpoint_pages =
      1000;  ///< `maintain` does nothing below; 16 times that is forced.
  std::chrono::milliseconds lock_wait{0};  ///< For another process to let go of the file.
  std::string vfs;                         ///< SQLite's file system; empty: the usual one.
};

/// Why a journal could not be opened, for people: what failed, on what, and what they can do.
/// Whatever the reason, the file is as it was.
struct open_failure {
  std::error_code why;
  std::string what;
  std::string hint;
};

/// Opens the journal in `settings.file`, or makes one (mode 0600). One process at a time.
[[nodiscard]] tl::expected<std::unique_ptr<row_store>, open_failure> open_sqlite(
    const sqlite_settings& settings);

/// The same without a `gathering_store` in front: every commit goes to the rows' own tables. For
/// repair, which brings rows of `recent` as well.
[[nodiscard]] tl::expected<std::unique_ptr<row_store>, open_failure> open_sqlite_tables(
    const sqlite_settings& settings);

}  // namespace causerie::journal
