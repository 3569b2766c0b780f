// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "journal/image.hpp"
#include "journal/row_store.hpp"

/// What a log keeps, lacks and lets go of.
namespace causerie::journal {

/// The clock under `key` in `clocks`; empty when there is none.
[[nodiscard]] result<vector_clock> load_clock(row_store& store, byte_view key);
[[nodiscard]] result<std::map<std::uint64_t, vector_clock>> load_cuts(row_store& store,
                                                                      const group_id& group);
/// The lowest cursor of any reader; zero without readers.
[[nodiscard]] result<cursor> lowest_cursor(row_store& store, const group_id& group);

[[nodiscard]] result<log_usage> measure_log(row_store& store, const group_id& group);

/// The oldest recorded cut below which enough could go, else the newest one; none when there is no
/// cut, or nothing has to go.
struct cut_choice {
  vector_clock floor;
  bool within = true;
};
[[nodiscard]] result<std::optional<cut_choice>> choose_cut(row_store& store, const group_id& group,
                                                           const retention& bounds, wall_time now);

/// Forgets, within a transaction, every bundle that `floor` covers whole, the events that told of
/// those messages, and cuts that have become the floor.
struct forgotten {
  trimmed report;
  log_usage freed;
};
[[nodiscard]] result<forgotten> forget_below(row_store& store, const group_id& group,
                                             const vector_clock& floor);

/// What lies above the floor, was delivered, and is not in the log: what damage took. Peers that
/// hold it can refill it, with `bundle_held`.
[[nodiscard]] result<std::vector<message_range>> missing_ranges(row_store& store,
                                                                const group_id& group);

}  // namespace causerie::journal
