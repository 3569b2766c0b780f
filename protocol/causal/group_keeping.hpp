// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/causal/group_event.hpp"
#include "protocol/causal/vector_clock.hpp"
#include "protocol/ids.hpp"

namespace causerie::protocol {

/// What a durable group asks to be kept, so that its next life can go on where this one ended. Each
/// says what is true from now on; saying it twice changes nothing.
namespace kept {

/// A bundle of the log: the bytes that are sent again when a member asks.
struct bundle {
  member_tag sender{};
  sequence first = 0, last = 0;
  shared_bytes body;
};
struct member {
  member_tag tag{};
  incarnation who;
  bool left = false;     ///< It said goodbye.
  bool retired = false;  ///< Its clock entry was given up after `last` messages.
  sequence last = 0;
  member_tag root{};       ///< The founder of the founding that it descends from.
  sequence owed_from = 1;  ///< See `causal::group_member::owed_from`.
  friend bool operator==(const member&, const member&) = default;
};
struct member_forgotten {
  member_tag tag{};
};
/// An event of the application's stream: a message that stands in the log, or (number 0) something
/// else, as `encode_event` wrote it.
struct event {
  cursor position = 0;
  causal::clock_entry message;
  shared_bytes body;
};
/// What has been delivered. In one commit with the events that told of it.
struct delivered {
  causal::vector_clock clock;
};
/// At or below it bundles may be gone.
struct floor {
  causal::vector_clock clock;
};
/// Nobody needs what is at or below it: not the group, not the application here.
struct forgotten {
  causal::vector_clock below;
};
/// The application has dealt with everything up to there.
struct read_up_to {
  cursor position = 0;
};
/// This node has left for good: everything of the group may go.
struct dropped {};

}  // namespace kept

using group_note =
    std::variant<kept::bundle, kept::member, kept::member_forgotten, kept::event, kept::delivered,
                 kept::floor, kept::forgotten, kept::read_up_to, kept::dropped>;

/// Everything of a durable group as its last life left it.
struct group_image {
  causal::vector_clock delivered, floor;
  std::vector<kept::member> members;
  std::vector<kept::bundle> bundles;
  cursor committed = 0;
  cursor last = 0;                  ///< The stream's last event.
  std::vector<kept::event> events;  ///< Behind `committed`, ascending. A hole is told as a gap.
};

using event_body = decltype(group_event::what);
/// Any event but a message, as bytes; a message gives none.
[[nodiscard]] shared_bytes encode_event(const event_body& what);
[[nodiscard]] result<event_body> decode_event(const shared_bytes& bytes);

namespace causal {

/// What a durable group has said of itself so far, so that only what is new is said.
struct keeper {
  bool begun = false;            ///< The stream has started; before that there is nothing to keep.
  bool over = false;             ///< `dropped` has been said.
  bool members_changed = false;  ///< Somebody came, went, or was retired.
  std::vector<group_note> notes;
  vector_clock delivered, floor;
  cursor events = 0, committed = 0;
  std::map<member_tag, kept::member> members;
  /// May be forgotten once the application has dealt with everything up to the cursor.
  std::deque<std::pair<cursor, vector_clock>> forgettable;
};

}  // namespace causal
}  // namespace causerie::protocol
