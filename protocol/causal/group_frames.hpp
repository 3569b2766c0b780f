// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/causal/group_config.hpp"
#include "protocol/causal/group_event.hpp"
#include "protocol/causal/vector_clock.hpp"
#include "protocol/wire/codec.hpp"

namespace causerie::protocol::causal {

/// What the frames between members of a group say. Every body begins with the group's id and the
/// type, whether it travels as a frame or on the internal channel.
enum class frame_type : std::uint8_t {
  bundle = 1,
  row = 2,
  row_request = 3,
  repair_request = 4,
  repair_answer = 5,
  join_request = 6,
  join_refused = 7,
  summary_request = 8,
  summary = 9,
};
inline constexpr std::size_t frame_head_bytes = 17;

struct frame_head {
  group_id group;
  frame_type type{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, frame_head& x) {
  return f(x.group, wire::ranged(x.type, frame_type::bundle, frame_type::summary));
}

/// One entry of a row: `delivered` messages of `tag`, of which the last `kept` are surely held.
struct row_entry {
  member_tag tag{};
  sequence delivered = 0;
  sequence kept = 0;  ///< delivered - floor.
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, row_entry& x) {
  return f(x.tag, x.delivered, x.kept);
}

/// "This I have delivered": the whole of anti-entropy. Stability, credit and repair follow from
/// rows alone; there are no acknowledgements of messages. Others may pass it on unchanged.
struct row_frame {
  member_tag owner{};
  std::uint64_t number = 0;  ///< Counts the owner's rows; an older row never replaces a newer one.
  bool active = false;       ///< The owner has activated.
  std::vector<row_entry> entries;  ///< Ascending by tag, no zeros.
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, row_frame& x) {
  return f(x.owner, x.number, x.active, wire::limited(x.entries, vector_clock::entries_max));
}
[[nodiscard]] bool well_formed(const row_frame& x) noexcept;

/// "Send me the row of `about`", the receiver's own or the last one it has of another member.
struct row_request {
  member_tag about{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, row_request& x) {
  return f(x.about);
}

/// Messages `first` to `last` of one sender.
struct message_range {
  member_tag tag{};
  sequence first = 0, last = 0;
  friend bool operator==(const message_range&, const message_range&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, message_range& x) {
  return f(x.tag, x.first, x.last);
}

inline constexpr std::size_t repair_ranges_max = 32;
/// What one repair request is answered with at most.
inline constexpr std::size_t repair_bytes_max = 32 * 1024;

struct repair_request {
  std::uint64_t number = 0;  ///< Chosen by the asker; comes back in the answer.
  std::vector<message_range> ranges;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, repair_request& x) {
  return f(x.number, wire::limited(x.ranges, repair_ranges_max));
}
[[nodiscard]] bool well_formed(const repair_request& x) noexcept;

/// Follows the bundles: "that is what you get for request `number`". `floors`: what the holder can
/// not give any more, because it may forget everything up to there.
struct repair_answer {
  std::uint64_t number = 0;
  std::vector<clock_entry> floors;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, repair_answer& x) {
  return f(x.number, wire::limited(x.floors, repair_ranges_max));
}

struct join_request {
  history_policy history = history_policy::skip;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, join_request& x) {
  return f(wire::ranged(x.history, history_policy::skip, history_policy::recent));
}

/// Why a node asked for membership does not get it from this member.
enum class refusal : std::uint8_t {
  full,
  stale,      ///< That life of the node is over, or has left the group.
  not_ready,  ///< This node cannot sponsor now: ask another.
};
struct join_refused {
  refusal why{};
  std::string text;  ///< For people; at most 200 bytes.
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, join_refused& x) {
  return f(wire::ranged(x.why, refusal::full, refusal::not_ready), wire::limited(x.text, 200));
}

/// What a summary is wanted for.
enum class summary_use : std::uint8_t {
  join,   ///< Sponsor to joiner: start from `base`.
  gap,    ///< What the asker lacks is gone everywhere: skip to `base`.
  merge,  ///< Two foundings, or two halves, meet: learn each other's members.
};
struct summary_request {
  summary_use use{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, summary_request& x) {
  return f(wire::ranged(x.use, summary_use::gap, summary_use::merge));
}

struct listed_member {
  incarnation who;
  member_tag root{};  ///< The founder of the founding that it descends from.
  bool active = false, left = false, down = false;
  bool foreign = false;       ///< Of a founding that does not know the summary's sender yet.
  std::uint64_t down_ms = 0;  ///< For how long it has been down.
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, listed_member& x) {
  return f(x.who, x.root, x.active, x.left, x.down, x.foreign, x.down_ms);
}
struct listed_tomb {
  incarnation who;
  sequence last = 0;
  bool left = false;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, listed_tomb& x) {
  return f(x.who, x.last, x.left);
}

inline constexpr std::size_t tombs_max = 4096;

/// A member's view of the group, for one that has to catch up with it. Travels on the internal
/// channel: it may be larger than a frame.
struct group_summary {
  summary_use use{};
  member_tag to{};         ///< Whom it was made for.
  vector_clock base;       ///< A closed cut that the receiver may adopt.
  vector_clock delivered;  ///< Everything the sender has delivered.
  clock_entry added_by;    ///< `join`: the broadcast that adds the joiner.
  std::uint64_t lamport = 0;
  gap_event::cause why{};  ///< `gap`: what the sender holds to be the reason.
  std::vector<listed_member> members;
  std::vector<listed_tomb> tombs;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, group_summary& x) {
  return f(wire::ranged(x.use, summary_use::join, summary_use::merge), x.to, x.base, x.delivered,
           x.added_by, x.lamport,
           wire::ranged(x.why, gap_event::cause::unreachable, gap_event::cause::restart),
           wire::limited(x.members, vector_clock::entries_max), wire::limited(x.tombs, tombs_max));
}
[[nodiscard]] bool well_formed(const group_summary& x) noexcept;

template <class Body>
struct frame_view {
  frame_head head;
  const Body& body;
};
template <class Inspector, class Body>
typename Inspector::result_type inspect(Inspector& f, frame_view<Body>& x) {
  return f(x.head, const_cast<Body&>(x.body));
}

/// Head and body as one buffer.
template <class Body>
[[nodiscard]] shared_bytes encode_frame(const group_id& group, frame_type type, const Body& body) {
  return wire::encode(frame_view<Body>{{group, type}, body});
}
/// The body behind a head that has been read already.
template <class Body>
[[nodiscard]] result<Body> decode_frame(const shared_bytes& frame) {
  return wire::decode<Body>(frame, frame_head_bytes);
}
[[nodiscard]] result<frame_head> decode_head(const shared_bytes& frame);

}  // namespace causerie::protocol::causal
