// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/ids.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol {

/// A message's identity for ever: who, in which life, and which of its messages.
struct message_id {
  incarnation sender;
  sequence number = 0;
  friend auto operator<=>(const message_id&, const message_id&) = default;
};

/// The n-th event of a group's stream at this node, from 1 without holes. What an application has
/// dealt with it commits; after any actor's death the stream goes on behind the committed cursor.
using cursor = std::uint64_t;

/// The application's stream starts here: this node is an active member. Or, in a durable group, it
/// is one again in a new life, and the stream goes on.
struct joined_event {
  std::vector<incarnation> members;  ///< Ascending, this node among them.
  bool resumed = false;
};
/// A broadcast, delivered after everything that happened before it.
struct message_event {
  message_id id;
  std::uint64_t lamport = 0;  ///< Sorts messages consistently with causality; ties by id.
  wall_time sent_at{};        ///< The sender's wall clock: for people.
  shared_bytes payload;
  duration held{};  ///< How long it was here before: it waited for its causes, or for a reader.
};
/// Messages that this node will never see: a declared loss, at its place in the stream.
struct gap_event {
  enum class cause : std::uint8_t { unreachable, lagging, retention, restart };
  struct range {
    incarnation sender;
    sequence first = 0, last = 0;  ///< Inclusive.
    friend bool operator==(const range&, const range&) = default;
  };
  cause why{};
  std::vector<range> missing;
};
struct member_up_event {
  incarnation who;
};
struct member_down_event {
  incarnation who;
};  ///< Presumed dead; its messages stay wanted.
struct member_left_event {
  incarnation who;
};  ///< Left in order.
struct member_lagging_event {
  incarnation who;
};  ///< Too slow: served from history only.
/// Every message of this node up to `up_to` is held by all of `holders` (live members).
struct stable_event {
  sequence up_to = 0;
  std::vector<node_id> holders;
};
/// In a group that requires it: whether this node sees more than half of the members. While it does
/// not, sends are refused; what others send is delivered all the same.
struct majority_event {
  bool held = false;
  std::uint32_t here = 0, of = 0;  ///< Members, this node among them.
};
/// This node could not stay, or become, a member; the stream ends.
struct ended_event {
  std::error_code reason;  ///< `refused`, `unreachable`, or none after leaving in order.
  std::string text;        ///< The other side's words, if any.
};

struct group_event {
  cursor position = 0;
  std::variant<joined_event, message_event, gap_event, member_up_event, member_down_event,
               member_left_event, member_lagging_event, stable_event, ended_event, majority_event>
      what;
};

}  // namespace causerie::protocol
