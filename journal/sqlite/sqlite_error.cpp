// SPDX-License-Identifier: BSL-1.0
#include "journal/sqlite/sqlite_error.hpp"

#include <sqlite3.h>

#include <cerrno>

#include "journal/journal_errors.hpp"

namespace causerie::journal {
namespace {

/// SQLite says FULL for ENOSPC alone.
bool is_full(int system) noexcept {
  return system == ENOSPC || system == EDQUOT || system == EFBIG;
}

journal_errc of_io(int code, int system) noexcept {
  switch (code) {
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC: return journal_errc::sync_failed;
    case SQLITE_IOERR_CORRUPTFS:
    case SQLITE_IOERR_DATA: return journal_errc::corrupted;
    case SQLITE_IOERR_WRITE:
    case SQLITE_IOERR_TRUNCATE:
    case SQLITE_IOERR_SHMSIZE:
      return is_full(system) ? journal_errc::disk_full : journal_errc::io_failed;
    default: return journal_errc::io_failed;
  }
}

}  // namespace

std::error_code journal_error(int code, int system) noexcept {
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return {};
    case SQLITE_FULL: return journal_errc::disk_full;
    case SQLITE_IOERR: return of_io(code, system);
    case SQLITE_CORRUPT: return journal_errc::corrupted;
    case SQLITE_ERROR:  // Our statements never change: the tables are not those that we made.
    case SQLITE_NOTADB: return journal_errc::corrupted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return journal_errc::in_use;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY: return journal_errc::cannot_open;
    case SQLITE_TOOBIG: return journal_errc::too_large;
    default: return journal_errc::io_failed;  // What we cannot explain we do not build upon.
  }
}

}  // namespace causerie::journal
