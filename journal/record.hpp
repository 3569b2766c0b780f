// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "journal/row_store.hpp"
#include "protocol/causal/vector_clock.hpp"
#include "protocol/channel/channel_keeping.hpp"
#include "protocol/ids.hpp"

/// What a journal is told. A record says what is true from now on, never how to change it, so that
/// the same record twice is the same as once: a batch may be repeated when its outcome is unknown.
namespace causerie::journal {

using protocol::boot_epoch;
using protocol::channel_key;
using protocol::group_id;
using protocol::incarnation;
using protocol::member_tag;
using protocol::node_id;
using protocol::sequence;
using protocol::wall_time;
using protocol::causal::clock_entry;
using protocol::causal::vector_clock;
// What a channel asks to be kept is a record as it stands, where it names no side.
using protocol::kept::channel_received;
using protocol::kept::outbox_added;
using protocol::kept::outbox_settled;

/// The n-th event of a group's stream at this node, from 1 without holes.
using cursor = std::uint64_t;

/// The last life of a node that is gone: it may come back only with a later one. The latest counts.
struct node_retired {
  incarnation who;
};

/// This node belongs to the durable group, as `self`.
struct group_kept {
  group_id group;
  std::string name;
  incarnation self;
};
/// It has left for good: everything of the group is forgotten.
struct group_dropped {
  group_id group;
};
/// A bundle as it came, or as it will leave. `at`: when, for retention by age.
struct bundle_held {
  group_id group;
  member_tag sender{};
  sequence first = 0, last = 0;
  wall_time at{};
  shared_bytes body;
};
enum class clock_kind : std::uint8_t {
  delivered,  ///< V: what this node has delivered.
  floor,      ///< F: at or below it bundles may be gone.
};
struct clock_saved {
  group_id group;
  clock_kind kind{};
  vector_clock clock;
};
/// A stable cut: the log is trimmed to such ones only. Each covers those before.
struct cut_recorded {
  group_id group;
  std::uint64_t number = 0;
  vector_clock clock;
};
/// Everything that `floor` covers may be forgotten: the group's own decision, where
/// `node_journal::trim` is the journal's.
struct history_forgotten {
  group_id group;
  vector_clock floor;
};
enum class member_standing : std::uint8_t { present, left, retired, left_and_retired };
inline constexpr sequence owes_nothing = ~sequence{0};
struct member_saved {
  group_id group;
  member_tag tag{};
  incarnation who;
  member_standing standing{};
  sequence last = 0;  ///< Of one that is retired: how many messages it sent.
  member_tag root{};  ///< The founding that it descends from.
  /// The number of its first message that is owed to this node; `owes_nothing`: none is.
  sequence owed_from = 1;
};
struct member_forgotten {
  group_id group;
  member_tag tag{};
};
/// The next event of the stream: a message of the log, or (tag 0) something else, told by `event`.
/// In one batch with the clock that counts it, and before the application hears of it.
struct event_delivered {
  group_id group;
  cursor position = 0;
  clock_entry message;
  shared_bytes event;
};
/// A reader has dealt with everything up to `position`. Cursors never go back.
struct cursor_moved {
  group_id group;
  std::string reader;
  cursor position = 0;
};

enum class channel_side : std::uint8_t { sending, receiving };
/// A new incarnation. Another cid ends the earlier one; its outbox is emptied.
struct channel_begun {
  channel_key channel;
  channel_side side{};
  std::uint64_t cid = 0;
  std::uint64_t generation = 0;
  boot_epoch life{};           ///< Of the peer; what it means depends on the side: kept_channels.
  std::uint64_t position = 0;  ///< Receiving: of the application; never goes back.
};
struct channel_ended {
  channel_key channel;
  channel_side side{};
};

/// The application's own state under a key of its own; without a value the key is forgotten.
struct note_written {
  std::string owner, key;
  std::optional<shared_bytes> value;
};

using record = std::variant<node_retired, group_kept, group_dropped, bundle_held, clock_saved,
                            cut_recorded, history_forgotten, member_saved, member_forgotten,
                            event_delivered, cursor_moved, channel_begun, outbox_added,
                            outbox_settled, channel_received, channel_ended, note_written>;

/// What is kept whole or not at all.
struct batch {
  std::vector<record> records;
  durability need = durability::process;

  template <class Record>
  batch& add(Record&& what) {
    records.emplace_back(std::forward<Record>(what));
    return *this;
  }
};

}  // namespace causerie::journal
