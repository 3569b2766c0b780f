// SPDX-License-Identifier: BSL-1.0
#include "journal/history.hpp"

#include <algorithm>
#include <limits>

#include "journal/journal_keys.hpp"
#include "journal/stored_rows.hpp"

namespace causerie::journal {
namespace {

namespace wire = protocol::wire;

/// A view as the codec takes it; valid as long as what it views.
shared_bytes borrowed(byte_view bytes) { return {nullptr, bytes}; }

struct found_bundle {
  member_tag tag{};
  sequence first = 0, last = 0;
  std::uint64_t bytes = 0;
  wall_time at{};
};

/// Visits the bundles in `[first, beyond)` until `visit` says false.
template <class Visit>
std::error_code each_bundle(row_store& store, byte_view first, byte_view beyond, Visit visit) {
  std::error_code damage;
  const auto error = store.scan(table::bundles, first, beyond, [&](const row_view& row) {
    key_reader key{row.key};
    (void)key.group();
    const auto number = key.number();
    const auto tag = key.tag();
    const auto value = wire::decode<bundle_row>(borrowed(row.value));
    if (!key.ok() || !value || value->last < number) {
      damage = journal_errc::corrupted;
      return false;
    }
    return visit(found_bundle{tag, number, value->last, value->body.size(), value->at});
  });
  return damage ? damage : error;
}

using ranges_by_sender = std::map<member_tag, std::vector<message_range>>;

void append_range(ranges_by_sender& all, const message_range& range) {
  auto& ranges = all[range.tag];
  if (!ranges.empty() && ranges.back().last + 1 >= range.first)
    ranges.back().last = std::max(ranges.back().last, range.last);
  else
    ranges.push_back(range);
}

std::vector<message_range> flat(const ranges_by_sender& all) {
  std::vector<message_range> ranges;
  for (const auto& [_, some] : all) ranges.insert(ranges.end(), some.begin(), some.end());
  return ranges;
}

/// The bundles that `floor` covers whole.
std::error_code forget_bundles(row_store& store, const group_id& group, const vector_clock& floor,
                               forgotten& result) {
  sequence highest = 0;
  for (const auto& entry : floor.entries()) highest = std::max(highest, entry.number);
  std::vector<std::pair<row_key, row_key>> runs;  // Of neighbours that all go.
  bool open = false;
  ranges_by_sender gone;
  const auto error = each_bundle(store, keys::group(group), keys::group(group).add(highest + 1),
                                 [&](const found_bundle& bundle) {
                                   const bool covered = bundle.last <= floor.at(bundle.tag);
                                   if (covered) {
                                     const auto key = keys::bundle(group, bundle.tag, bundle.first);
                                     if (!open) runs.emplace_back(key, key);
                                     runs.back().second = keys::after(key);
                                     append_range(gone, {bundle.tag, bundle.first, bundle.last});
                                     result.freed.messages += bundle.last - bundle.first + 1;
                                     result.freed.bytes += bundle.bytes;
                                   }
                                   open = covered;
                                   return true;
                                 });
  if (error) return error;
  for (const auto& [first, beyond] : runs)
    if (const auto erased = store.erase(table::bundles, first, beyond); !erased)
      return erased.error();
  result.report.gone = flat(gone);
  return {};
}

/// The events that told of messages below the floor, and such as every reader has dealt with.
std::error_code forget_events(row_store& store, const group_id& group, const vector_clock& floor,
                              trimmed& report) {
  const auto read = lowest_cursor(store, group);
  if (!read) return read.error();
  std::vector<event_gap> runs;
  std::error_code damage;
  const auto range = keys::group(group);
  const auto error = store.scan(table::events, range, range.beyond(), [&](const row_view& row) {
    key_reader key{row.key};
    (void)key.group();
    const auto position = key.number();
    const auto value = wire::decode<event_row>(borrowed(row.value));
    if (!key.ok() || !value) {
      damage = journal_errc::corrupted;
      return false;
    }
    const bool told = value->message.number == 0;
    if (told ? position > *read : floor.at(value->message.tag) < value->message.number) return true;
    if (!runs.empty() && runs.back().last + 1 == position)
      runs.back().last = position;
    else
      runs.push_back({position, position});
    return true;
  });
  if (error || damage) return error ? error : damage;
  for (const auto& run : runs) {
    const auto erased =
        store.erase(table::events, keys::event(group, run.first), keys::event(group, run.last + 1));
    if (!erased) return erased.error();
    if (run.last > *read) report.unread.push_back({std::max(run.first, *read + 1), run.last});
  }
  return {};
}

std::error_code raise_floor(row_store& store, const group_id& group, const vector_clock& to) {
  auto floor = load_clock(store, keys::clock(group, clock_kind::floor));
  if (!floor) return floor.error();
  floor->join(to);
  if (auto error = store.put(table::clocks, keys::clock(group, clock_kind::floor),
                             wire::encode(*floor).view()))
    return error;
  const auto cuts = load_cuts(store, group);
  if (!cuts) return cuts.error();
  for (const auto& [number, cut] : *cuts)
    if (floor->covers(cut))
      if (const auto erased =
              store.erase(table::clocks, keys::cut(group, number), keys::cut(group, number + 1));
          !erased)
        return erased.error();
  return {};
}

/// What would be left above one cut.
struct remainder {
  log_usage usage;
  wall_time oldest = wall_time::max();

  void add(const found_bundle& bundle) {
    usage.messages += bundle.last - bundle.first + 1;
    usage.bytes += bundle.bytes;
    oldest = std::min(oldest, bundle.at);
  }
  void add(const remainder& other) {
    usage.messages += other.usage.messages;
    usage.bytes += other.usage.bytes;
    oldest = std::min(oldest, other.oldest);
  }
  [[nodiscard]] bool fits(const retention& bounds, wall_time now) const {
    if (bounds.messages_max != 0 && usage.messages > bounds.messages_max) return false;
    if (bounds.bytes_max != 0 && usage.bytes > bounds.bytes_max) return false;
    return bounds.age_max.count() == 0 || oldest == wall_time::max() ||
           now - oldest <= bounds.age_max;
  }
};

}  // namespace

result<vector_clock> load_clock(row_store& store, byte_view key) {
  const auto value = store.get(table::clocks, key);
  if (!value) return tl::unexpected{value.error()};
  if (!*value) return vector_clock{};
  auto clock = wire::decode<vector_clock>(**value);
  if (!clock || !clock->canonical()) return failure(journal_errc::corrupted);
  return clock;
}

result<std::map<std::uint64_t, vector_clock>> load_cuts(row_store& store, const group_id& group) {
  std::map<std::uint64_t, vector_clock> cuts;
  std::error_code damage;
  const auto range = keys::cuts(group);
  const auto error = store.scan(table::clocks, range, range.beyond(), [&](const row_view& row) {
    key_reader key{row.key};
    (void)key.group();
    (void)key.octet();
    const auto number = key.number();
    auto clock = wire::decode<vector_clock>(shared_bytes::copy_of(row.value));
    if (!key.ok() || !clock || !clock->canonical()) {
      damage = journal_errc::corrupted;
      return false;
    }
    cuts.emplace(number, std::move(*clock));
    return true;
  });
  if (error || damage) return tl::unexpected{error ? error : damage};
  return cuts;
}

result<cursor> lowest_cursor(row_store& store, const group_id& group) {
  auto lowest = std::numeric_limits<cursor>::max();
  bool readers = false;
  const auto range = keys::group(group);
  const auto error = store.scan(table::cursors, range, range.beyond(), [&](const row_view& row) {
    const auto at = wire::decode<number_row>(borrowed(row.value));
    if (row.key.size() > keys::reader(group, {}).bytes().size() && at) {
      readers = true;
      lowest = std::min(lowest, at->value);
    }
    return true;
  });
  if (error) return tl::unexpected{error};
  return readers ? lowest : 0;
}

result<log_usage> measure_log(row_store& store, const group_id& group) {
  remainder all;
  const auto range = keys::group(group);
  const auto error = each_bundle(store, range, range.beyond(), [&](const found_bundle& bundle) {
    all.add(bundle);
    return true;
  });
  if (error) return tl::unexpected{error};
  return all.usage;
}

result<std::optional<cut_choice>> choose_cut(row_store& store, const group_id& group,
                                             const retention& bounds, wall_time now) {
  const auto cuts = load_cuts(store, group);
  if (!cuts) return tl::unexpected{cuts.error()};
  std::vector<const vector_clock*> ladder;  // Each covers the one before.
  for (const auto& [_, cut] : *cuts) ladder.push_back(&cut);
  // covered[i]: what cut i is the first to cover; the last: what no cut covers.
  std::vector<remainder> covered(ladder.size() + 1);
  const auto range = keys::group(group);
  const auto error = each_bundle(store, range, range.beyond(), [&](const found_bundle& bundle) {
    const auto first = std::ranges::partition_point(
        ladder, [&](const vector_clock* cut) { return cut->at(bundle.tag) < bundle.last; });
    covered[static_cast<std::size_t>(first - ladder.begin())].add(bundle);
    return true;
  });
  if (error) return tl::unexpected{error};
  for (auto i = covered.size() - 1; i > 0; --i) covered[i - 1].add(covered[i]);
  if (covered.front().fits(bounds, now)) return std::optional<cut_choice>{};
  for (std::size_t i = 0; i < ladder.size(); ++i)
    if (covered[i + 1].fits(bounds, now)) return cut_choice{*ladder[i], true};
  return cut_choice{ladder.empty() ? vector_clock{} : *ladder.back(), false};
}

result<forgotten> forget_below(row_store& store, const group_id& group, const vector_clock& floor) {
  forgotten result;
  if (auto error = forget_bundles(store, group, floor, result)) return tl::unexpected{error};
  if (auto error = forget_events(store, group, floor, result.report)) return tl::unexpected{error};
  if (auto error = raise_floor(store, group, floor)) return tl::unexpected{error};
  return result;
}

result<std::vector<message_range>> missing_ranges(row_store& store, const group_id& group) {
  const auto delivered = load_clock(store, keys::clock(group, clock_kind::delivered));
  if (!delivered) return tl::unexpected{delivered.error()};
  const auto floor = load_clock(store, keys::clock(group, clock_kind::floor));
  if (!floor) return tl::unexpected{floor.error()};
  ranges_by_sender missing;
  std::map<member_tag, sequence> next;  // The first that has not been accounted for.
  for (const auto& entry : delivered->entries()) next[entry.tag] = floor->at(entry.tag) + 1;
  const auto range = keys::group(group);
  const auto error = each_bundle(store, range, range.beyond(), [&](const found_bundle& bundle) {
    const auto wanted = next.find(bundle.tag);
    if (wanted == next.end()) return true;
    const auto upto = std::min(bundle.first - 1, delivered->at(bundle.tag));
    if (upto >= wanted->second) append_range(missing, {bundle.tag, wanted->second, upto});
    wanted->second = std::max(wanted->second, bundle.last + 1);
    return true;
  });
  if (error) return tl::unexpected{error};
  for (const auto& entry : delivered->entries())
    if (next[entry.tag] <= entry.number)
      append_range(missing, {entry.tag, next[entry.tag], entry.number});
  return flat(missing);
}

}  // namespace causerie::journal
