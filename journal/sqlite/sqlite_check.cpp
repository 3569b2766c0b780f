// SPDX-License-Identifier: BSL-1.0
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include "journal/number_key.hpp"
#include "journal/sqlite/file_header.hpp"
#include "journal/sqlite/row_sum.hpp"
#include "journal/sqlite/sqlite_store.hpp"

namespace causerie::journal {
namespace {

constexpr std::size_t damage_lines_max = 20;

void note_damage(check_report& report, std::string line) {
  if (report.damage.size() < damage_lines_max) report.damage.push_back(std::move(line));
}

}  // namespace

result<check_report> sqlite_store::check(check_level level) {
  check_report report;
  const auto error = guarded([&] {
    check_structure(report);
    if (level == check_level::structure) return;
    const auto version = database_.execAndGet("PRAGMA user_version").getInt64();
    for (const auto in : tables)
      if (version >= schema_with_recent || in != table::recent) check_rows(in, report);
  });
  // What makes a check stop is damage as well, and there it is said where.
  if (error && error != journal_errc::corrupted) return tl::unexpected{error};
  if (error && report.sound()) note_damage(report, "a page cannot be read");
  if (!report.sound()) (void)judge(journal_errc::corrupted);
  return report;
}

void sqlite_store::check_structure(check_report& report) {
  SQLite::Statement pragma{database_,
                           "PRAGMA integrity_check(" + std::to_string(damage_lines_max) + ")"};
  while (pragma.executeStep()) {
    auto line = pragma.getColumn(0).getString();
    if (line != "ok") note_damage(report, std::move(line));
  }
}

void sqlite_store::check_rows(table in, check_report& report) {
  SQLite::Statement rows{database_, "SELECT key, value, sum FROM " + std::string{name_of(in)}};
  std::uint64_t seen = 0, bad = 0;
  const auto view = [](const SQLite::Column& column) {
    return byte_view{static_cast<const std::byte*>(column.getBlob()),
                     static_cast<std::size_t>(column.getBytes())};
  };
  try {
    for (; rows.executeStep(); ++seen) {
      const auto key = rows.getColumn(0);
      const auto number = key.isInteger() ? number_key(key.getInt64()) : number_bytes{};
      const auto sum =
          row_sum(in, key.isInteger() ? byte_view{number} : view(key), view(rows.getColumn(1)));
      if (rows.getColumn(2).getInt64() != sum) ++bad;
    }
  } catch (const SQLite::Exception& error) {
    if ((error.getErrorCode() & 0xff) != SQLITE_CORRUPT) throw;
    note_damage(report, std::string{name_of(in)} + ": a page cannot be read after row " +
                            std::to_string(seen));
  }
  report.rows += seen;
  if (bad > 0)
    note_damage(report, std::string{name_of(in)} + ": " + std::to_string(bad) + " of " +
                            std::to_string(seen) + " rows have changed");
}

}  // namespace causerie::journal
