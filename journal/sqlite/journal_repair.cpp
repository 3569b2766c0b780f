// SPDX-License-Identifier: BSL-1.0
#include "journal/sqlite/journal_repair.hpp"

#include <set>

#include "journal/gathering_store.hpp"
#include "journal/history.hpp"
#include "journal/journal_keys.hpp"
#include "journal/number_key.hpp"
#include "journal/sqlite/commit_log.hpp"
#include "journal/sqlite/vfs_file.hpp"
#include "journal/stored_rows.hpp"

namespace causerie::journal {
namespace {

using loss = repair_report::group_loss;

constexpr std::uint64_t rows_per_commit = 4096;

tl::unexpected<open_failure> give_up(const std::filesystem::path& file, std::error_code why,
                                     std::string hint) {
  return tl::unexpected{
      open_failure{why, "'" + file.string() + "': " + why.message(), std::move(hint)}};
}

/// Copies rows, a few thousand to a transaction.
result<salvage_report> copy_rows(page_file& from, row_store& to) {
  if (auto error = to.begin(durability::process)) return tl::unexpected{error};
  std::uint64_t since = 0;
  const auto take = [&](table in, const row_view& row) -> std::error_code {
    if (const auto fresh = to.insert(in, row.key, row.value); !fresh) return fresh.error();
    if (++since % rows_per_commit != 0) return {};
    if (const auto done = to.commit(); !done) return done.error();
    return to.begin(durability::process);
  };
  auto report = salvage_rows(from, take);
  if (!report) return report;
  if (const auto done = to.commit(); !done) return tl::unexpected{done.error()};
  return report;
}

/// Those that the tables have already are known by their numbers when they are gathered.
std::error_code copy_log(const std::filesystem::path& damaged, row_store& to) {
  if (auto error = to.begin(durability::process)) return error;
  for (const auto& one : commit_log::salvage(damaged)) {
    const auto key = number_key(static_cast<std::int64_t>(one.key));
    if (const auto fresh = to.insert(table::recent, key, one.value.view()); !fresh)
      return fresh.error();
  }
  const auto done = to.commit();
  return done ? std::error_code{} : done.error();
}

/// The groups that a table's rows name.
result<std::set<group_id>> groups_in(row_store& store, table in) {
  std::set<group_id> found;
  const auto error = store.scan(in, {}, {}, [&](const row_view& row) {
    found.insert(key_reader{row.key}.group());
    return true;
  });
  if (error) return tl::unexpected{error};
  return found;
}

/// Holes in the stream of one group, behind the lowest cursor.
result<std::vector<event_gap>> holes(row_store& store, const group_id& group) {
  const auto read = lowest_cursor(store, group);
  const auto length = store.get(table::cursors, keys::reader(group, {}));
  if (!read || !length) return tl::unexpected{!read ? read.error() : length.error()};
  std::vector<event_gap> gaps;
  auto next = *read + 1;
  const auto reach = [&](cursor position) {
    if (position > next) gaps.push_back({next, position - 1});
    next = position + 1;
  };
  const auto error = store.scan(table::events, keys::event(group, next),
                                keys::group(group).beyond(), [&](const row_view& row) {
                                  reach(key_reader{row.key.last(8)}.number());
                                  return true;
                                });
  if (error) return tl::unexpected{error};
  if (*length)
    if (const auto last = protocol::wire::decode<number_row>(**length); last && last->value >= next)
      reach(last->value + 1);
  return gaps;
}

/// The stream's length is lost with its row; whatever comes must not be taken for what was.
std::error_code restore_length(row_store& store, const group_id& group) {
  const auto length = store.get(table::cursors, keys::reader(group, {}));
  if (!length) return length.error();
  if (*length) return {};
  cursor last = 0;
  const auto range = keys::group(group);
  auto error = store.scan(table::events, range, range.beyond(), [&](const row_view& row) {
    last = key_reader{row.key.last(8)}.number();
    return true;
  });
  if (!error)
    error = store.scan(table::cursors, range, range.beyond(), [&](const row_view& row) {
      if (const auto at = protocol::wire::decode<number_row>(shared_bytes::copy_of(row.value)); at)
        last = std::max(last, at->value);
      return true;
    });
  if (!error) error = store.begin(durability::process);
  if (!error)
    error = store.put(table::cursors, keys::reader(group, {}),
                      protocol::wire::encode(number_row{last}).view());
  if (error) return error;
  const auto done = store.commit();
  return done ? std::error_code{} : done.error();
}

result<loss> losses_of(row_store& store, const group_id& group) {
  if (auto error = restore_length(store, group)) return tl::unexpected{error};
  const auto delivered = store.get(table::clocks, keys::clock(group, clock_kind::delivered));
  auto missing = missing_ranges(store, group);
  auto unread = holes(store, group);
  if (!delivered) return tl::unexpected{delivered.error()};
  if (!missing) return tl::unexpected{missing.error()};
  if (!unread) return tl::unexpected{unread.error()};
  return loss{group, std::move(*missing), std::move(*unread), !*delivered};
}

std::error_code find_losses(row_store& store, repair_report& report) {
  const auto named = groups_in(store, table::groups);
  if (!named) return named.error();
  const auto logged = groups_in(store, table::bundles);
  if (!logged) return logged.error();
  for (const auto& group : *logged)
    if (!named->contains(group)) report.unnamed.push_back(group);
  for (const auto& group : *named) {
    auto one = losses_of(store, group);
    if (!one) return one.error();
    if (!one->missing.empty() || !one->unread.empty() || one->must_join_again)
      report.groups.push_back(std::move(*one));
  }
  const auto owner = store.get(table::meta, keys::owner());
  if (!owner) return owner.error();
  report.owner_lost = !*owner;
  return {};
}

}  // namespace

tl::expected<repair_report, open_failure> repair_journal(const std::filesystem::path& damaged,
                                                         const sqlite_settings& fresh) {
  std::error_code ignored;
  if (std::filesystem::exists(fresh.file, ignored))
    return give_up(fresh.file, journal_errc::cannot_open, "choose a file that is not there yet");
  if (vfs_file{damaged, fresh.vfs}.locked())
    return give_up(damaged, journal_errc::in_use, "stop the node that uses it first");
  auto pages = page_file::open(damaged);
  if (!pages) return give_up(damaged, pages.error(), "is this the journal's file?");
  auto below = open_sqlite_tables(fresh);
  if (!below) return tl::unexpected{below.error()};
  constexpr auto untouched = "the damaged file is as it was";
  repair_report report;
  const auto read = copy_rows(*pages, **below);
  if (!read) return give_up(fresh.file, read.error(), untouched);
  if (auto error = copy_log(damaged, **below)) return give_up(fresh.file, error, untouched);
  report.read = *read;
  const auto store = gathering_store::open(std::move(*below));
  if (!store) return give_up(fresh.file, store.error(), untouched);
  if (auto error = find_losses(**store, report)) return give_up(fresh.file, error, untouched);
  if (const auto done = (*store)->sync(); !done)
    return give_up(fresh.file, done.error(), untouched);
  return report;
}

}  // namespace causerie::journal
