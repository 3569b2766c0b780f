// SPDX-License-Identifier: BSL-1.0
#include "journal/sqlite/sqlite_store.hpp"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <cerrno>
#include <utility>

#include "journal/number_key.hpp"
#include "journal/sqlite/file_header.hpp"
#include "journal/sqlite/row_sum.hpp"
#include "journal/sqlite/running.hpp"
#include "journal/sqlite/sqlite_error.hpp"

namespace causerie::journal {
namespace {

/// Rows whose values may be large lie in tables of their own order with an index beside them; small
/// ones in the index itself, which makes one page of two.
bool is_small(table of) noexcept {
  return of != table::bundles && of != table::outbox && of != table::notes && of != table::recent;
}

/// What is only ever added at the end lies by number: its last page fills, and is not shared out
/// between its neighbours as a page of any other key is.
bool is_numbered(table of) noexcept { return of == table::recent; }

/// SQLite takes an empty blob for NULL when it has no address.
void bind(SQLite::Statement& to, int index, byte_view bytes) {
  to.bindNoCopy(index, bytes.empty() ? static_cast<const void*>("") : bytes.data(),
                static_cast<int>(bytes.size()));
}

/// An empty key is before all numbers.
void bind_key(table in, SQLite::Statement& to, int index, byte_view key) {
  if (is_numbered(in))
    to.bind(index, static_cast<std::int64_t>(number_of(key)));
  else
    bind(to, index, key);
}

byte_view blob(const SQLite::Column& column) {
  return {static_cast<const std::byte*>(column.getBlob()),
          static_cast<std::size_t>(column.getBytes())};
}

std::string sql_of(table in, int what) {
  const std::string name{name_of(in)};
  switch (what) {
    case 0: return "INSERT INTO " + name + " VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
    case 1:
      return "INSERT INTO " + name +
             " VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, sum = "
             "excluded.sum";
    case 2: return "DELETE FROM " + name + " WHERE key >= ? AND key < ?";
    case 3: return "DELETE FROM " + name + " WHERE key >= ?";
    case 4: return "SELECT value, sum FROM " + name + " WHERE key = ?";
    case 5:
      return "SELECT key, value, sum FROM " + name + " WHERE key >= ? AND key < ? ORDER BY key";
    default: return "SELECT key, value, sum FROM " + name + " WHERE key >= ? ORDER BY key";
  }
}

}  // namespace

sqlite_store::sqlite_store(const sqlite_settings& settings, place_mark place)
    : database_{settings.file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
                static_cast<int>(settings.lock_wait.count()), settings.vfs},
      vfs_{settings.vfs},
      place_{place},
      configured_{settings.sync},
      checkpoint_pages_{settings.checkpoint_pages} {
  auto* handle = database_.getHandle();
  sqlite3_extended_result_codes(handle, 1);
  // A file that is refused, or whose disk failed, is left as it is: closing must not tidy it up.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  database_.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
  database_.exec("PRAGMA locking_mode = EXCLUSIVE");
}

sqlite_store::~sqlite_store() {
  rollback();
  if (failed_) return;
  if (log_pages_ > 0) (void)checkpoint(/*truncate=*/true);
  if (!failed_ && log_ && log_->empty()) log_->clear();
}

std::error_code sqlite_store::prepare(bool fresh) {
  const auto error = guarded([&] {
    if (fresh) make_tables();
    if (!fresh) add_tables();
    sqlite3_wal_hook(database_.getHandle(), &sqlite_store::on_commit, this);
    begin_ = std::make_unique<SQLite::Statement>(database_, "BEGIN IMMEDIATE");
    commit_ = std::make_unique<SQLite::Statement>(database_, "COMMIT");
    rollback_ = std::make_unique<SQLite::Statement>(database_, "ROLLBACK");
    database_.exec(configured_ == sync_mode::full ? "PRAGMA synchronous = FULL"
                                                  : "PRAGMA synchronous = NORMAL");
  });
  return error ? error : open_log();
}

void sqlite_store::make_tables() {
  database_.exec("PRAGMA page_size = " + std::to_string(page_bytes));
  database_.exec("PRAGMA journal_mode = WAL");
  add_tables();
  // Into the file itself, whose first bytes say what it is.
  if (const auto error = checkpoint(/*truncate=*/true))
    throw SQLite::Exception{database_.getHandle()};
}

/// Those that there are not yet: all of them, or what an older version did not know.
void sqlite_store::add_tables() {
  if (database_.execAndGet("PRAGMA user_version").getInt64() == schema_version) return;
  database_.exec("BEGIN IMMEDIATE");
  for (const auto one : tables)
    database_.exec("CREATE TABLE IF NOT EXISTS " + std::string{name_of(one)} +
                   (is_numbered(one) ? " (key INTEGER PRIMARY KEY" : " (key BLOB PRIMARY KEY") +
                   " NOT NULL, value BLOB NOT NULL, sum INTEGER NOT NULL)" +
                   (is_small(one) ? " WITHOUT ROWID" : ""));
  database_.exec("CREATE TABLE IF NOT EXISTS log (id BLOB NOT NULL, sequence INTEGER NOT NULL)");
  database_.exec("PRAGMA application_id = " + std::to_string(application_id));
  database_.exec("PRAGMA user_version = " + std::to_string(schema_version));
  database_.exec("COMMIT");
}

std::error_code sqlite_store::guarded(const std::function<void()>& work) {
  if (failed_) return journal_errc::poisoned;
  errno = 0;
  try {
    work();
    return {};
  } catch (const SQLite::Exception& error) {
    // What sqlite3_system_errno says is not set where a commit fails.
    return judge(journal_error(error.getExtendedErrorCode(), errno));
  }
}

std::error_code sqlite_store::judge(std::error_code error) {
  if (is_final(error)) failed_ = error;
  return error;
}

SQLite::Statement& sqlite_store::prepared(table in, verb what) {
  const auto index = static_cast<std::size_t>(what);
  auto& one = statements_[static_cast<std::size_t>(in)][index];
  if (!one)
    one = std::make_unique<SQLite::Statement>(database_, sql_of(in, static_cast<int>(what)));
  return *one;
}

std::error_code sqlite_store::begin(durability need) {
  if (failed_) return journal_errc::poisoned;
  if (open_) return journal_errc::conflict;
  need_ = need;
  open_ = true;
  return {};
}

result<bool> sqlite_store::insert(table in, byte_view key, byte_view value) {
  bool fresh = false;
  const auto error = guarded([&] {
    enter(in);
    const running one{prepared(in, verb::insert)};
    bind_key(in, *one, 1, key);
    bind(*one, 2, value);
    one->bind(3, row_sum(in, key, value));
    fresh = one->exec() > 0;
  });
  if (error) return tl::unexpected{error};
  return fresh;
}

std::error_code sqlite_store::put(table in, byte_view key, byte_view value) {
  if (open_ && !begun_ && !alone_ && in == table::recent && !failed_) {
    alone_ = {sequence_ + 1, number_of(key), shared_bytes::copy_of(value)};
    return {};
  }
  return guarded([&] {
    enter(in);
    put_row(in, key, value);
  });
}

void sqlite_store::put_row(table in, byte_view key, byte_view value) {
  const running one{prepared(in, verb::put)};
  bind_key(in, *one, 1, key);
  bind(*one, 2, value);
  one->bind(3, row_sum(in, key, value));
  one->exec();
}

result<std::uint64_t> sqlite_store::erase(table in, byte_view first, byte_view beyond) {
  std::uint64_t erased = 0;
  if (in == table::recent && first.empty() && beyond.empty()) forget_log();
  const auto error = guarded([&] {
    enter(in);
    const running one{prepared(in, beyond.empty() ? verb::erase_to_end : verb::erase)};
    bind_key(in, *one, 1, first);
    if (!beyond.empty()) bind_key(in, *one, 2, beyond);
    erased = static_cast<std::uint64_t>(one->exec());
  });
  if (error) return tl::unexpected{error};
  return erased;
}

result<commit_mark> sqlite_store::commit() {
  if (!begun_) return commit_to_log();
  if (auto error = guarded([&] {
        if (!log_folded_) fold_log();
        remember_log(sequence_ + 1);
        running { *commit_ } -> exec();
      }))
    return tl::unexpected{error};
  open_ = begun_ = false;
  ++sequence_;
  ++mark_.number;
  pages_unsynced_ = configured_ != sync_mode::full;
  if (auto error = begin_log_again()) return tl::unexpected{error};
  note_durable();
  if (need_ == durability::power)
    if (auto done = sync(); !done) return done;
  // It is kept, whatever becomes of moving it: a failure there shows at the next call.
  if (log_pages_ >= 16 * checkpoint_pages_) (void)checkpoint(/*truncate=*/false);
  return mark_;
}

result<commit_mark> sqlite_store::sync() {
  if (failed_) return failure(journal_errc::poisoned);
  if (auto error = sync_pages()) return tl::unexpected{error};
  if (log_unsynced_)
    if (auto error = judge(log_->sync())) return tl::unexpected{error};
  log_unsynced_ = false;
  log_promised_ = !log_->empty();
  note_durable();
  return mark_;
}

/// The log's own fsync. A commit under `synchronous = FULL` would not do: SQLite writes nothing
/// where nothing has changed, and then syncs nothing either.
std::error_code sqlite_store::sync_pages() {
  if (!pages_unsynced_) return {};
  sqlite3_file* log = nullptr;
  sqlite3_file_control(database_.getHandle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log == nullptr || log->pMethods == nullptr) return judge(journal_errc::sync_failed);
  if (log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) != SQLITE_OK)
    return judge(journal_errc::sync_failed);
  pages_unsynced_ = false;
  return {};
}

void sqlite_store::rollback() {
  open_ = begun_ = log_folded_ = false;
  alone_.reset();
  // After some errors SQLite has rolled back by itself.
  if (rollback_ && sqlite3_get_autocommit(database_.getHandle()) == 0) {
    rollback_->tryReset();
    rollback_->tryExecuteStep();
    rollback_->tryReset();
  }
}

result<std::optional<shared_bytes>> sqlite_store::get(table in, byte_view key) {
  std::optional<shared_bytes> found;
  if (in == table::recent && !log_folded_) {  // Nobody does, but an old row must not be shown.
    const auto beyond = number_key(static_cast<std::int64_t>(number_of(key) + 1));
    const auto error = scan_with_log(key, beyond, [&](const row_view& row) {
      found = shared_bytes::copy_of(row.value);
      return false;
    });
    if (error) return tl::unexpected{error};
    return found;
  }
  bool damaged = false;
  const auto error = guarded([&] {
    const running one{prepared(in, verb::get)};
    bind_key(in, *one, 1, key);
    if (!one->executeStep()) return;
    const auto value = blob(one->getColumn(0));
    damaged = one->getColumn(1).getInt64() != row_sum(in, key, value);
    found = shared_bytes::copy_of(value);
  });
  if (error) return tl::unexpected{error};
  if (damaged) return tl::unexpected{judge(journal_errc::corrupted)};
  return found;
}

std::error_code sqlite_store::scan(table in, byte_view first, byte_view beyond,
                                   const row_visitor& visit) {
  if (in == table::recent && !log_folded_ && (alone_ || (log_ && !log_->empty())))
    return scan_with_log(first, beyond, visit);
  return scan_table(in, first, beyond, visit);
}

std::error_code sqlite_store::scan_table(table in, byte_view first, byte_view beyond,
                                         const row_visitor& visit) {
  bool damaged = false;
  const auto error = guarded([&] {
    const running one{prepared(in, beyond.empty() ? verb::scan_to_end : verb::scan)};
    bind_key(in, *one, 1, first);
    if (!beyond.empty()) bind_key(in, *one, 2, beyond);
    while (!damaged && one->executeStep()) {
      const auto number =
          is_numbered(in) ? number_key(one->getColumn(0).getInt64()) : number_bytes{};
      const row_view row{is_numbered(in) ? byte_view{number} : blob(one->getColumn(0)),
                         blob(one->getColumn(1))};
      damaged = one->getColumn(2).getInt64() != row_sum(in, row.key, row.value);
      if (!damaged && !visit(row)) break;
    }
  });
  if (error) return error;
  return damaged ? judge(journal_errc::corrupted) : std::error_code{};
}

std::error_code sqlite_store::maintain() {
  if (failed_) return journal_errc::poisoned;
  return log_pages_ < checkpoint_pages_ ? std::error_code{} : checkpoint(/*truncate=*/false);
}

std::error_code sqlite_store::checkpoint(bool truncate) {
  if (failed_) return journal_errc::poisoned;
  auto* handle = database_.getHandle();
  errno = 0;
  const int code = sqlite3_wal_checkpoint_v2(
      handle, nullptr, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, nullptr,
      nullptr);
  if (code != SQLITE_OK) return judge(journal_error(sqlite3_extended_errcode(handle), errno));
  log_pages_ = 0;
  pages_unsynced_ = false;
  note_durable();
  return {};
}

int sqlite_store::on_commit(void* self, sqlite3* /*handle*/, const char* /*name*/, int pages) {
  static_cast<sqlite_store*>(self)->log_pages_ = static_cast<std::uint32_t>(pages);
  return SQLITE_OK;
}

}  // namespace causerie::journal
