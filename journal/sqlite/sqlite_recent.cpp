// SPDX-License-Identifier: BSL-1.0
#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <utility>

#include "journal/number_key.hpp"
#include "journal/sqlite/running.hpp"
#include "journal/sqlite/sqlite_store.hpp"

namespace causerie::journal {

/// What an earlier life left in the commit log goes into the table that it stands for, and the log
/// becomes another one: nothing that lies in the file can be taken for this life's.
std::error_code sqlite_store::open_log() {
  log_ = std::make_unique<commit_log>(database_.getFilename(), vfs_);
  if (!log_->is_open()) return journal_errc::cannot_open;
  std::vector<commit_log::entry> left;
  auto error = guarded([&] {
    SQLite::Statement known{database_, "SELECT id, sequence FROM log"};
    if (known.executeStep()) {
      const auto id = known.getColumn(0);
      const auto* octets = static_cast<const std::uint8_t*>(id.getBlob());
      const auto count = std::min(static_cast<std::size_t>(id.getBytes()), log_id_.size());
      std::copy_n(octets, count, log_id_.begin());
      sequence_ = static_cast<std::uint64_t>(known.getColumn(1).getInt64());
    }
    known.reset();
    left = log_->after(sequence_, log_id_);
    if (!left.empty()) sequence_ = left.back().sequence;
    sqlite3_randomness(static_cast<int>(log_id_.size()), log_id_.data());
    remember_log_ = std::make_unique<SQLite::Statement>(
        database_,
        "INSERT INTO log (rowid, id, sequence) VALUES (1, ?, ?) ON CONFLICT DO UPDATE "
        "SET id = excluded.id, sequence = excluded.sequence");
    running { *begin_ } -> exec();
    for (const auto& one : left) insert_entry(one);
    remember_log(sequence_);
    running { *commit_ } -> exec();
  });
  pages_unsynced_ = true;
  // Some of it may have been promised to outlive a power cut.
  if (!error && !left.empty()) error = sync_pages();
  if (error) return error;
  log_->restart(log_id_);
  tabled_ = sequence_;
  return {};
}

void sqlite_store::remember_log(std::uint64_t up_to) {
  const running one{*remember_log_};
  one->bindNoCopy(1, log_id_.data(), static_cast<int>(log_id_.size()));
  one->bind(2, static_cast<std::int64_t>(up_to));
  one->exec();
}

void sqlite_store::enter(table in) {
  if (!open_) return;
  if (!begun_) {
    running { *begin_ } -> exec();
    begun_ = true;
  }
  if (in != table::recent && !alone_) return;
  if (!log_folded_) fold_log();
  if (const auto one = std::exchange(alone_, {})) insert_entry(*one);
}

void sqlite_store::insert_entry(const commit_log::entry& one) {
  put_row(table::recent, number_key(static_cast<std::int64_t>(one.key)), one.value.view());
}

void sqlite_store::fold_log() {
  if (!log_->empty())
    for (const auto& one : log_->after(tabled_, log_id_)) insert_entry(one);
  log_folded_ = true;
}

/// After a commit of the database, which has what was in the log.
std::error_code sqlite_store::begin_log_again() {
  if (log_promised_)
    if (auto error = sync_pages()) return error;
  if (!log_->empty()) log_->restart(log_id_);
  tabled_ = sequence_;
  log_folded_ = log_unsynced_ = log_promised_ = false;
  return {};
}

result<commit_mark> sqlite_store::commit_to_log() {
  if (failed_) return failure(journal_errc::poisoned);
  if (alone_) {
    if (auto error = judge(log_->append(alone_->sequence, alone_->key, alone_->value.view())))
      return tl::unexpected{error};
    sequence_ = alone_->sequence;
    log_unsynced_ = true;
    alone_.reset();
  }
  open_ = log_folded_ = false;
  ++mark_.number;
  if (configured_ == sync_mode::full || need_ == durability::power) return sync();
  note_durable();
  return mark_;
}

std::error_code sqlite_store::scan_with_log(byte_view first, byte_view beyond,
                                            const row_visitor& visit) {
  std::map<std::uint64_t, shared_bytes> rows;
  const auto error = scan_table(table::recent, first, beyond, [&](const row_view& row) {
    rows.insert_or_assign(number_of(row.key), shared_bytes::copy_of(row.value));
    return true;
  });
  if (error) return error;
  const auto lay_over = [&](const commit_log::entry& one) {
    if (one.key >= number_of(first) && (beyond.empty() || one.key < number_of(beyond)))
      rows.insert_or_assign(one.key, one.value);
  };
  if (log_ && !log_->empty())
    for (const auto& one : log_->after(tabled_, log_id_)) lay_over(one);
  if (alone_) lay_over(*alone_);
  for (const auto& [key, value] : rows) {
    const auto name = number_key(static_cast<std::int64_t>(key));
    if (!visit({name, value.view()})) break;
  }
  return {};
}

}  // namespace causerie::journal
