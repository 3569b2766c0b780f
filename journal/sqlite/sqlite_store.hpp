// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "journal/row_store.hpp"
#include "journal/sqlite/commit_log.hpp"
#include "journal/sqlite/sqlite_journal.hpp"

namespace causerie::journal {

/// One connection to one file, which it locks for itself: the log's index then lives in memory, and
/// a second process is refused instead of mixed in.
///
/// A transaction that does nothing but put one row into `recent` goes to the commit log beside the
/// file, and SQLite hears of none; it is the only way in there. Every other one is SQLite's, and
/// begins with the first change.
class sqlite_store final : public row_store {
public:
  /// Throws SQLite::Exception.
  sqlite_store(const sqlite_settings& settings, place_mark place);
  ~sqlite_store() override;
  sqlite_store(const sqlite_store&) = delete;
  sqlite_store& operator=(const sqlite_store&) = delete;

  /// Makes the tables, or finds them; nothing has been written when it fails on an older file.
  [[nodiscard]] std::error_code prepare(bool fresh);

  [[nodiscard]] place_mark place() const override { return place_; }
  [[nodiscard]] std::error_code begin(durability need) override;
  [[nodiscard]] result<bool> insert(table in, byte_view key, byte_view value) override;
  [[nodiscard]] std::error_code put(table in, byte_view key, byte_view value) override;
  [[nodiscard]] result<std::uint64_t> erase(table in, byte_view first, byte_view beyond) override;
  [[nodiscard]] result<commit_mark> commit() override;
  void rollback() override;
  [[nodiscard]] result<std::optional<shared_bytes>> get(table in, byte_view key) override;
  [[nodiscard]] std::error_code scan(table in, byte_view first, byte_view beyond,
                                     const row_visitor& visit) override;
  [[nodiscard]] result<commit_mark> sync() override;
  [[nodiscard]] std::error_code maintain() override;
  [[nodiscard]] result<check_report> check() override { return check(check_level::rows); }
  [[nodiscard]] result<check_report> check(check_level level);

private:
  enum class verb : std::uint8_t {
    insert,
    put,
    erase,
    erase_to_end,
    get,
    scan,
    scan_to_end,
    count
  };
  using statement = std::unique_ptr<SQLite::Statement>;
  using statements = std::array<statement, static_cast<std::size_t>(verb::count)>;

  /// Runs `work`; what SQLiteCpp throws becomes an error, and a final one is remembered.
  [[nodiscard]] std::error_code guarded(const std::function<void()>& work);
  [[nodiscard]] std::error_code judge(std::error_code error);
  [[nodiscard]] SQLite::Statement& prepared(table in, verb what);
  void put_row(table in, byte_view key, byte_view value);
  /// In `sqlite_recent.cpp`.
  [[nodiscard]] std::error_code open_log();
  [[nodiscard]] result<commit_mark> commit_to_log();
  void fold_log();
  void insert_entry(const commit_log::entry& one);
  void remember_log(std::uint64_t up_to);
  [[nodiscard]] std::error_code begin_log_again();
  [[nodiscard]] std::error_code scan_with_log(byte_view first, byte_view beyond,
                                              const row_visitor& visit);
  [[nodiscard]] std::error_code scan_table(table in, byte_view first, byte_view beyond,
                                           const row_visitor& visit);
  /// Before a change that is SQLite's: the transaction is too from now on.
  void enter(table in);
  /// Whatever the log has is erased.
  void forget_log() noexcept {
    if (!open_) return;
    log_folded_ = true;
    alone_.reset();
  }
  [[nodiscard]] std::error_code sync_pages();
  void note_durable() noexcept {
    if (!pages_unsynced_ && !log_unsynced_) mark_.durable = mark_.number;
  }

  void make_tables();
  void add_tables();
  void check_rows(table in, check_report& report);
  void check_structure(check_report& report);
  [[nodiscard]] std::error_code checkpoint(bool truncate);
  static int on_commit(void* self, sqlite3* handle, const char* name, int pages);

  std::error_code failed_;  // Final.
  SQLite::Database database_;
  std::string vfs_;
  place_mark place_;
  sync_mode configured_;
  std::uint32_t checkpoint_pages_;
  std::uint32_t log_pages_ = 0;
  durability need_{};
  commit_mark mark_;
  bool pages_unsynced_ = false, log_unsynced_ = false;  // A power cut could take commits.
  bool log_promised_ = false;  // No power cut may take what the commit log has.

  std::unique_ptr<commit_log> log_;
  commit_log::identity log_id_{};
  std::uint64_t sequence_ = 0;              // Of the youngest commit, wherever it went,
  std::uint64_t tabled_ = 0;                // and of the youngest that is in the tables.
  bool open_ = false;                       // A transaction,
  bool begun_ = false;                      // which SQLite knows of,
  bool log_folded_ = false;                 // which has what was in the commit log;
  std::optional<commit_log::entry> alone_;  // or it is only this, so far.
  // Statements go before the database: SQLiteCpp insists.
  statement begin_, commit_, rollback_, remember_log_;
  std::array<statements, tables.size() + 1> statements_;
};

}  // namespace causerie::journal
