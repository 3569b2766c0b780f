// SPDX-License-Identifier: BSL-1.0
#include "journal/record_writer.hpp"

#include <algorithm>

#include "journal/history.hpp"
#include "journal/journal_keys.hpp"
#include "journal/node_journal.hpp"

namespace causerie::journal {
namespace {

/// More messages than any bundle carries, and than any sender lives to send.
constexpr sequence bundle_messages_max = 1024;
constexpr sequence number_max = sequence{1} << 60;

bool is_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= node_journal::name_bytes_max;
}
bool is_number(sequence number) noexcept { return number >= 1 && number <= number_max; }

}  // namespace

std::error_code record_writer::write(const batch& work) {
  for (const auto& one : work.records)
    if (auto error = std::visit([this](const auto& what) { return apply(what); }, one))
      return error;
  if (auto error = write_back(cache_->numbers)) return error;
  return write_back(cache_->channels);
}

void record_writer::committed() {
  for (const auto& group : dropped_) usage_->erase(group);
  for (auto& [group, known] : *usage_) {
    known.messages += gained_[group].messages - freed_[group].messages;
    known.bytes += gained_[group].bytes - freed_[group].bytes;
  }
}

template <class Drafts>
result<typename Drafts::mapped_type*> record_writer::open_draft(Drafts& drafts, table in,
                                                                byte_view key) {
  using draft_type = typename Drafts::mapped_type;
  using row_type = decltype(draft_type::row);
  const auto [place, fresh] = drafts.try_emplace(byte_buffer{key.begin(), key.end()});
  if (!fresh) return &place->second;
  place->second.in = in;
  const auto value = store_->get(in, key);
  if (!value) return tl::unexpected{value.error()};
  if (!*value) return &place->second;
  auto row = protocol::wire::decode<row_type>(**value);
  if (!row) return failure(journal_errc::corrupted);
  place->second.row = *row;
  place->second.found = true;
  return &place->second;
}

template <class Drafts>
std::error_code record_writer::write_back(Drafts& drafts) {
  for (auto& [key, one] : drafts) {
    if (!std::exchange(one.changed, false)) continue;
    if (auto error = store_->put(one.in, key, row_bytes(one.row))) return error;
  }
  return {};
}

result<draft<channel_row>*> record_writer::channel(const channel_key& of, channel_side side) {
  if (!is_name(of.name)) return failure(journal_errc::too_large);
  return open_draft(cache_->channels, table::channels, keys::channel(of, side));
}

std::error_code record_writer::erase_all(table in, byte_view first, byte_view beyond) {
  const auto erased = store_->erase(in, first, beyond);
  return erased ? std::error_code{} : erased.error();
}

template <class Row>
byte_view record_writer::row_bytes(const Row& row) {
  value_.clear();
  protocol::wire::encode_to(value_, row);
  return value_;
}

/// Inserts; the same row again is welcome, another one under its key is not.
std::error_code record_writer::insert_same(table in, byte_view key, byte_view value) {
  const auto fresh = store_->insert(in, key, value);
  if (!fresh) return fresh.error();
  if (*fresh) return {};
  const auto kept = store_->get(in, key);
  if (!kept) return kept.error();
  const bool same = *kept && std::ranges::equal((*kept)->view(), value);
  return same ? std::error_code{} : make_error_code(journal_errc::conflict);
}

std::error_code record_writer::apply(const node_retired& what) {
  const auto kept = store_->get(table::retired, keys::retired(what.who.node));
  if (!kept) return kept.error();
  const auto last = *kept ? protocol::wire::decode<number_row>(**kept) : number_row{};
  if (!last) return journal_errc::corrupted;
  const auto epoch = protocol::number(what.who.epoch);
  if (*kept && last->value >= epoch) return {};
  return store_->put(table::retired, keys::retired(what.who.node), row_bytes(number_row{epoch}));
}

std::error_code record_writer::apply(const group_kept& what) {
  if (!is_name(what.name)) return journal_errc::too_large;
  return store_->put(table::groups, keys::group(what.group),
                     row_bytes(group_row{what.name, what.self}));
}

std::error_code record_writer::apply(const group_dropped& what) {
  const auto range = keys::group(what.group);
  for (const auto in : {table::groups, table::clocks, table::members, table::bundles, table::events,
                        table::cursors})
    if (auto error = erase_all(in, range, range.beyond())) return error;
  const auto of_group = [&](const auto& one) {
    return std::ranges::equal(byte_view{one.first}.first(range.bytes().size()), range.bytes());
  };
  std::erase_if(cache_->numbers, of_group);
  dropped_.push_back(what.group);
  return {};
}

std::error_code record_writer::apply(const bundle_held& what) {
  if (!is_number(what.first) || what.last < what.first ||
      what.last - what.first >= bundle_messages_max)
    return journal_errc::conflict;
  if (what.body.size() > node_journal::bundle_bytes_max) return journal_errc::too_large;
  const auto key = keys::bundle(what.group, what.sender, what.first);
  const auto fresh =
      store_->insert(table::bundles, key, row_bytes(bundle_row{what.last, what.at, what.body}));
  if (!fresh) return fresh.error();
  if (*fresh) {
    auto& gained = gained_[what.group];
    gained.messages += what.last - what.first + 1;
    gained.bytes += what.body.size();
    return {};
  }
  const auto kept = store_->get(table::bundles, key);
  if (!kept) return kept.error();
  const auto row = *kept ? protocol::wire::decode<bundle_row>(**kept) : bundle_row{};
  // When it came does not matter: it may have come twice.
  const bool same =
      row && row->last == what.last && std::ranges::equal(row->body.view(), what.body.view());
  return same ? std::error_code{} : make_error_code(journal_errc::conflict);
}

std::error_code record_writer::apply(const clock_saved& what) {
  return store_->put(table::clocks, keys::clock(what.group, what.kind), row_bytes(what.clock));
}

std::error_code record_writer::apply(const cut_recorded& what) {
  return store_->put(table::clocks, keys::cut(what.group, what.number), row_bytes(what.clock));
}

std::error_code record_writer::apply(const history_forgotten& what) {
  if (auto error = write_back(cache_->numbers))
    return error;  // What readers have not seen is told.
  const auto done = forget_below(*store_, what.group, what.floor);
  if (!done) return done.error();
  auto& freed = freed_[what.group];
  freed.messages += done->freed.messages;
  freed.bytes += done->freed.bytes;
  return {};
}

std::error_code record_writer::apply(const member_saved& what) {
  return store_->put(table::members, keys::member(what.group, what.tag),
                     row_bytes(member_row{what.who, what.standing, what.last, what.root,
                                          owed_number(what.owed_from)}));
}

std::error_code record_writer::apply(const member_forgotten& what) {
  const auto key = keys::member(what.group, what.tag);
  return erase_all(table::members, key, key.beyond());
}

std::error_code record_writer::apply(const event_delivered& what) {
  if (what.event.size() > node_journal::value_bytes_max) return journal_errc::too_large;
  const auto length = open_draft(cache_->numbers, table::cursors, keys::reader(what.group, {}));
  if (!length) return length.error();
  auto& last = (*length)->row.value;
  if (what.position == 0 || what.position > last + 1) return journal_errc::conflict;
  const auto key = keys::event(what.group, what.position);
  const auto value = row_bytes(event_row{what.message, what.event});
  if (what.position <= last) {  // Said before; it may be forgotten meanwhile.
    const auto kept = store_->get(table::events, key);
    if (!kept) return kept.error();
    const bool same = !*kept || std::ranges::equal((*kept)->view(), value);
    return same ? std::error_code{} : make_error_code(journal_errc::conflict);
  }
  last = what.position;
  (*length)->changed = true;
  return store_->put(table::events, key, value);  // Nothing lies behind the stream's end.
}

std::error_code record_writer::apply(const cursor_moved& what) {
  if (!is_name(what.reader)) return journal_errc::too_large;
  const auto length = open_draft(cache_->numbers, table::cursors, keys::reader(what.group, {}));
  if (!length) return length.error();
  const auto at =
      open_draft(cache_->numbers, table::cursors, keys::reader(what.group, what.reader));
  if (!at) return at.error();
  const auto to = std::min(what.position, (*length)->row.value);
  auto& kept = **at;
  if (kept.found && kept.row.value >= to) return {};
  kept.row.value = to;
  kept.found = kept.changed = true;
  return {};
}

std::error_code record_writer::apply(const channel_begun& what) {
  const auto row = channel(what.channel, what.side);
  if (!row) return row.error();
  auto& kept = **row;
  if (kept.found && kept.row.cid == what.cid) {
    kept.changed = kept.changed || kept.row.life != what.life;
    kept.row.life = what.life;
    return {};
  }
  kept.row = {what.cid, what.generation, 1, what.life, std::max(kept.row.position, what.position)};
  kept.found = kept.changed = true;
  if (what.side == channel_side::receiving) return {};
  const auto range = keys::outbox(what.channel);
  return erase_all(table::outbox, range, range.beyond());
}

std::error_code record_writer::apply(const outbox_added& what) {
  if (what.payload.size() > node_journal::value_bytes_max) return journal_errc::too_large;
  const auto row = channel(what.channel, channel_side::sending);
  if (!row) return row.error();
  auto& kept = **row;
  if (!kept.found || kept.row.cid != what.cid || !is_number(what.seq) || what.seq > kept.row.next)
    return journal_errc::conflict;
  const auto key = keys::outbox(what.channel, what.seq);
  if (what.seq < kept.row.next) {  // Said before; it may be settled meanwhile.
    const auto there = store_->get(table::outbox, key);
    if (!there) return there.error();
    const bool same = !*there || std::ranges::equal((*there)->view(), what.payload.view());
    return same ? std::error_code{} : make_error_code(journal_errc::conflict);
  }
  ++kept.row.next;
  kept.changed = true;
  return insert_same(table::outbox, key, what.payload.view());
}

std::error_code record_writer::apply(const outbox_settled& what) {
  const auto row = channel(what.channel, channel_side::sending);
  if (!row) return row.error();
  // News of an earlier incarnation: its outbox is gone.
  if (!(*row)->found || (*row)->row.cid != what.cid) return {};
  if (!is_number(what.first) || !is_number(what.last)) return journal_errc::conflict;
  return erase_all(table::outbox, keys::outbox(what.channel, what.first),
                   keys::outbox(what.channel, what.last + 1));
}

std::error_code record_writer::apply(const channel_received& what) {
  const auto row = channel(what.channel, channel_side::receiving);
  if (!row) return row.error();
  auto& kept = **row;
  if (!kept.found) return journal_errc::conflict;
  if (kept.row.cid != what.cid || kept.row.next >= what.next) return {};
  kept.row.next = what.next;
  kept.row.position = std::max(kept.row.position, what.position);
  kept.changed = true;
  return {};
}

std::error_code record_writer::apply(const channel_ended& what) {
  if (!is_name(what.channel.name)) return journal_errc::too_large;
  const auto key = keys::channel(what.channel, what.side);
  cache_->channels.erase(key.bytes());
  if (auto error = erase_all(table::channels, key, key.beyond())) return error;
  if (what.side == channel_side::receiving) return {};
  const auto range = keys::outbox(what.channel);
  return erase_all(table::outbox, range, range.beyond());
}

std::error_code record_writer::apply(const note_written& what) {
  if (!is_name(what.owner) || !is_name(what.key)) return journal_errc::too_large;
  const auto key = keys::note(what.owner, what.key);
  if (!what.value) return erase_all(table::notes, key, key.beyond());
  if (what.value->size() > node_journal::value_bytes_max) return journal_errc::too_large;
  return store_->put(table::notes, key, what.value->view());
}

}  // namespace causerie::journal
