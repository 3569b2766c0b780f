// SPDX-License-Identifier: BSL-1.0
#include "journal/history.hpp"
#include "journal/journal_keys.hpp"
#include "journal/node_journal.hpp"
#include "journal/stored_rows.hpp"

namespace causerie::journal {
namespace {

/// Calls `take(key, value)` for the rows of a range; what it cannot make sense of it answers with
/// `corrupted`. The value owns its bytes.
template <class Row, class Take>
std::error_code read_rows(row_store& store, table in, byte_view first, byte_view beyond,
                          Take take) {
  std::error_code ended;
  bool more = true;
  const auto error = store.scan(in, first, beyond, [&](const row_view& row) {
    key_reader key{row.key};
    auto value = protocol::wire::decode<Row>(shared_bytes::copy_of(row.value));
    if (!value) {
      ended = journal_errc::corrupted;
      return false;
    }
    more = take(key, std::move(*value));
    if (!key.ok()) ended = journal_errc::corrupted;
    return more && !ended;
  });
  return error ? error : ended;
}

template <class Row, class Take>
std::error_code read_rows(row_store& store, table in, const row_key& prefix, Take take) {
  return read_rows<Row>(store, in, prefix, prefix.beyond(), take);
}

std::error_code load_members(row_store& store, group_image& image) {
  return read_rows<member_row>(
      store, table::members, keys::group(image.group), [&](key_reader& key, member_row&& row) {
        (void)key.group();
        image.members.push_back({image.group, key.tag(), row.who, row.standing, row.last, row.root,
                                 owed_from(row.owed)});
        return true;
      });
}

std::error_code load_cursors(row_store& store, group_image& image) {
  return read_rows<number_row>(store, table::cursors, keys::group(image.group),
                               [&](key_reader& key, number_row&& row) {
                                 (void)key.group();
                                 const auto reader = key.text();
                                 if (reader.empty())
                                   image.last = row.value;
                                 else
                                   image.cursors.emplace(reader, row.value);
                                 return true;
                               });
}

std::error_code load_clocks(row_store& store, group_image& image) {
  auto delivered = load_clock(store, keys::clock(image.group, clock_kind::delivered));
  if (!delivered) return delivered.error();
  auto floor = load_clock(store, keys::clock(image.group, clock_kind::floor));
  if (!floor) return floor.error();
  auto cuts = load_cuts(store, image.group);
  if (!cuts) return cuts.error();
  image.delivered = std::move(*delivered);
  image.floor = std::move(*floor);
  image.cuts = std::move(*cuts);
  return {};
}

/// Bundles from `first` on that are wanted, up to `bytes_max` and one at least.
template <class Wanted>
result<std::vector<bundle_held>> read_bundles(row_store& store, const group_id& id,
                                              const row_key& first, std::size_t bytes_max,
                                              Wanted wanted) {
  std::vector<bundle_held> found;
  std::size_t bytes = 0;
  const auto error = read_rows<bundle_row>(
      store, table::bundles, first, keys::group(id).beyond(),
      [&](key_reader& key, bundle_row&& row) {
        (void)key.group();
        const auto number = key.number();
        bundle_held one{id, key.tag(), number, row.last, row.at, std::move(row.body)};
        if (!wanted(one)) return true;
        bytes += one.body.size();
        if (!found.empty() && bytes > bytes_max) return false;
        found.push_back(std::move(one));
        return true;
      });
  if (error) return tl::unexpected{error};
  return found;
}

}  // namespace

result<std::vector<group_id>> node_journal::groups() {
  std::vector<group_id> all;
  const auto error =
      read_rows<group_row>(*store_, table::groups, {}, [&](key_reader& key, const group_row&) {
        all.push_back(key.group());
        return true;
      });
  if (error) return tl::unexpected{error};
  return all;
}

result<std::optional<group_image>> node_journal::group(const group_id& id) {
  const auto value = store_->get(table::groups, keys::group(id));
  if (!value) return tl::unexpected{value.error()};
  if (!*value) return std::optional<group_image>{};
  auto row = protocol::wire::decode<group_row>(**value);
  if (!row) return failure(journal_errc::corrupted);
  group_image image{id, std::move(row->name), row->self, {}, {}, {}, {}, {}, 0};
  for (const auto load : {load_clocks, load_members, load_cursors})
    if (auto error = load(*store_, image)) return tl::unexpected{error};
  return image;
}

result<std::vector<bundle_held>> node_journal::log(const group_id& id, const log_position& after,
                                                   std::size_t bytes_max) {
  return read_bundles(*store_, id, keys::after(keys::bundle(id, after.sender, after.first)),
                      bytes_max, [](const bundle_held&) { return true; });
}

result<std::vector<bundle_held>> node_journal::bundles(const group_id& id, member_tag sender,
                                                       sequence from, std::size_t bytes_max) {
  // A bundle that contains `from` begins at most this far before it.
  constexpr sequence reach = 1024;
  return read_bundles(
      *store_, id, keys::group(id).add(from > reach ? from - reach : 0), bytes_max,
      [&](const bundle_held& one) { return one.sender == sender && one.last >= from; });
}

result<std::vector<message_range>> node_journal::missing(const group_id& id) {
  return missing_ranges(*store_, id);
}

result<std::vector<stream_item>> node_journal::events(const group_id& id, cursor after,
                                                      std::size_t events_max) {
  const auto length = store_->get(table::cursors, keys::reader(id, {}));
  if (!length) return tl::unexpected{length.error()};
  const auto last = *length ? protocol::wire::decode<number_row>(**length) : number_row{};
  if (!last) return failure(journal_errc::corrupted);
  std::vector<stream_item> items;
  auto next = after + 1;
  const auto tell_gap = [&](cursor upto) {
    if (upto >= next) items.emplace_back(event_gap{next, upto});
    next = upto + 1;
  };
  const auto error = read_rows<event_row>(
      *store_, table::events, keys::event(id, next), keys::group(id).beyond(),
      [&](key_reader& key, event_row&& row) {
        (void)key.group();
        const auto position = key.number();
        if (position > next) tell_gap(position - 1);
        if (items.size() >= events_max) return false;
        items.emplace_back(event_delivered{id, position, row.message, std::move(row.event)});
        next = position + 1;
        return items.size() < events_max;
      });
  if (error) return tl::unexpected{error};
  if (items.size() < events_max) tell_gap(last->value);
  return items;
}

result<std::vector<channel_image>> node_journal::channels() {
  std::vector<channel_image> all;
  const auto error = read_rows<channel_row>(
      *store_, table::channels, {}, [&](key_reader& key, const channel_row& row) {
        const auto side = static_cast<channel_side>(key.octet());
        const auto peer = key.node();
        all.push_back(
            {{peer, key.text()}, side, row.cid, row.generation, row.next, row.life, row.position});
        return true;
      });
  if (error) return tl::unexpected{error};
  return all;
}

result<std::vector<outbox_added>> node_journal::outbox(const channel_key& channel, sequence from,
                                                       std::size_t bytes_max) {
  if (channel.name.size() > name_bytes_max) return failure(journal_errc::too_large);
  const auto value = store_->get(table::channels, keys::channel(channel, channel_side::sending));
  if (!value) return tl::unexpected{value.error()};
  std::vector<outbox_added> found;
  if (!*value) return found;
  const auto row = protocol::wire::decode<channel_row>(**value);
  if (!row) return failure(journal_errc::corrupted);
  std::size_t bytes = 0;
  const auto error = store_->scan(
      table::outbox, keys::outbox(channel, from), keys::outbox(channel).beyond(),
      [&](const row_view& one) {
        bytes += one.value.size();
        if (!found.empty() && bytes > bytes_max) return false;
        key_reader seq{one.key.last(8)};  // The scan's bounds say what comes before.
        found.push_back({channel, row->cid, seq.number(), shared_bytes::copy_of(one.value)});
        return true;
      });
  if (error) return tl::unexpected{error};
  return found;
}

result<std::vector<incarnation>> node_journal::retired() {
  std::vector<incarnation> all;
  const auto error = read_rows<number_row>(*store_, table::retired, {},
                                           [&](key_reader& key, const number_row& row) {
                                             const auto node = key.node();
                                             all.push_back({node, boot_epoch{row.value}});
                                             return true;
                                           });
  if (error) return tl::unexpected{error};
  return all;
}

result<std::optional<shared_bytes>> node_journal::note(std::string_view owner,
                                                       std::string_view key) {
  if (owner.size() > name_bytes_max || key.size() > name_bytes_max)
    return failure(journal_errc::too_large);
  return store_->get(table::notes, keys::note(owner, key));
}

}  // namespace causerie::journal
