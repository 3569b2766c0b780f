// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "journal/journal_errors.hpp"
#include "protocol/bytes.hpp"
#include "protocol/result.hpp"

namespace causerie::journal {

using protocol::byte_buffer;
using protocol::byte_view;
using protocol::failure;
using protocol::result;
using protocol::shared_bytes;

/// Kinds of rows. The numbers are part of every row's checksum: never reuse one.
enum class table : std::uint8_t {
  meta = 1,  ///< Whose journal it is.
  lives,     ///< Every start: epoch, token, place.
  retired,   ///< The last epoch of nodes that are gone.
  groups,    ///< Durable groups that this node belongs to.
  clocks,    ///< Delivered vector, floor and recorded cuts.
  members,   ///< Who a member tag is, and how its bearer stands.
  bundles,   ///< The message log.
  events,    ///< The stream of each group, in the order of delivery.
  cursors,   ///< What the readers of a stream have dealt with, and its length.
  channels,  ///< Incarnations of durable channels, both directions.
  outbox,    ///< What durable channels still have to bring over.
  notes,     ///< The application's own, kept in one transaction with its cursors.
  recent,    ///< Commits whose rows have not moved to their tables yet (`gathering_store`).
};
inline constexpr std::array tables{table::meta,    table::lives,    table::retired, table::groups,
                                   table::clocks,  table::members,  table::bundles, table::events,
                                   table::cursors, table::channels, table::outbox,  table::notes,
                                   table::recent};

[[nodiscard]] constexpr std::string_view name_of(table of) noexcept {
  constexpr std::array<std::string_view, 14> names{
      "",        "meta",   "lives",   "retired",  "groups", "clocks", "members",
      "bundles", "events", "cursors", "channels", "outbox", "notes",  "recent"};
  return names[static_cast<std::size_t>(of)];
}

/// What an acknowledged commit must outlive.
enum class durability : std::uint8_t {
  process,  ///< kill -9.
  power,    ///< The loss of power: it has been fsynced, and with it everything before.
};

/// Where the rows lie, as far as can be told: changes when the file is copied or moved to another
/// machine or file system.
using place_mark = std::array<std::uint8_t, 16>;

/// How far a store has come: commits are numbered from its opening, and are lost to a power cut
/// only from the end.
struct commit_mark {
  std::uint64_t number = 0;   ///< Of the youngest commit.
  std::uint64_t durable = 0;  ///< Of the youngest that outlives a power cut.
};

struct check_report {
  std::uint64_t rows = 0;
  std::vector<std::string> damage;  ///< For people; at most some twenty lines.
  [[nodiscard]] bool sound() const noexcept { return damage.empty(); }
};

struct row_view {
  byte_view key, value;  ///< Until the visitor returns.
};
/// False: stop.
using row_visitor = std::function<bool(const row_view&)>;

/// The port: what a journal asks of a disk. Tables of rows with ordered keys, changed in
/// transactions, one at a time. SQLite's is `sqlite/sqlite_store.hpp`, the simulator's
/// `simulated_disk.hpp`.
///
/// An empty `beyond` is the table's end. After an error within a transaction the caller rolls back.
/// After an error for which `is_final` holds every further call answers `poisoned`.
class row_store {
public:
  virtual ~row_store() = default;

  [[nodiscard]] virtual place_mark place() const = 0;

  [[nodiscard]] virtual std::error_code begin(durability need) = 0;
  /// False when there is such a row already; it stays as it is.
  [[nodiscard]] virtual result<bool> insert(table in, byte_view key, byte_view value) = 0;
  [[nodiscard]] virtual std::error_code put(table in, byte_view key, byte_view value) = 0;
  /// Erases `[first, beyond)`; how many rows there were.
  [[nodiscard]] virtual result<std::uint64_t> erase(table in, byte_view first,
                                                    byte_view beyond) = 0;
  /// Errors: `disk_full` (rolled back; nothing acknowledged is lost), and final ones, after which
  /// it is not known whether the transaction will be there at the next opening.
  [[nodiscard]] virtual result<commit_mark> commit() = 0;
  virtual void rollback() = 0;

  [[nodiscard]] virtual result<std::optional<shared_bytes>> get(table in, byte_view key) = 0;
  /// Visits `[first, beyond)` in ascending order of keys. The visitor may not use the store.
  [[nodiscard]] virtual std::error_code scan(table in, byte_view first, byte_view beyond,
                                             const row_visitor& visit) = 0;

  /// Makes every commit so far outlive a power cut.
  [[nodiscard]] virtual result<commit_mark> sync() = 0;
  /// What can wait until nobody does, such as moving commits to their place. Call it when idle.
  [[nodiscard]] virtual std::error_code maintain() = 0;
  /// Reads everything.
  [[nodiscard]] virtual result<check_report> check() = 0;

protected:
  row_store() = default;
  row_store(const row_store&) = default;
  row_store& operator=(const row_store&) = default;
};

}  // namespace causerie::journal
