// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <SQLiteCpp/Statement.h>

namespace causerie::journal {

/// Resets the statement at the end, whatever happened: an open one would keep a read transaction.
class running {
public:
  explicit running(SQLite::Statement& what) : what_{what} {}
  ~running() { what_.tryReset(); }
  running(const running&) = delete;
  running& operator=(const running&) = delete;
  SQLite::Statement* operator->() const noexcept { return &what_; }
  SQLite::Statement& operator*() const noexcept { return what_; }

private:
  SQLite::Statement& what_;
};

}  // namespace causerie::journal
