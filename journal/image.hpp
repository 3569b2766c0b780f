// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "journal/record.hpp"
#include "protocol/causal/group_frames.hpp"

/// What a journal gives back.
namespace causerie::journal {

using protocol::causal::message_range;

/// A durable group as it was left, but for its log and its stream.
struct group_image {
  group_id group;
  std::string name;
  incarnation self;  ///< In the life that kept it last.
  vector_clock delivered, floor;
  std::map<std::uint64_t, vector_clock> cuts;
  std::vector<member_saved> members;
  std::map<std::string, cursor> cursors;
  cursor last = 0;  ///< The stream's last event.
};

/// Events that are gone: retention or damage took them.
struct event_gap {
  cursor first = 0, last = 0;
  friend bool operator==(const event_gap&, const event_gap&) = default;
};
using stream_item = std::variant<event_delivered, event_gap>;

struct channel_image {
  channel_key channel;
  channel_side side{};
  std::uint64_t cid = 0;
  std::uint64_t generation = 0;
  /// Sending: the number of the next new message. Receiving: the first not committed here.
  sequence next = 1;
  boot_epoch life{};
  std::uint64_t position = 0;
};

/// What a log may keep. Zero: no bound.
struct retention {
  std::uint64_t messages_max = 0;
  std::uint64_t bytes_max = 0;  ///< Of bundles.
  std::chrono::milliseconds age_max{0};
};

/// The place of a bundle in a group's log.
struct log_position {
  sequence first = 0;
  member_tag sender{};
};

struct log_usage {
  std::uint64_t messages = 0, bytes = 0;
  friend bool operator==(const log_usage&, const log_usage&) = default;
};

/// What trimming took.
struct trimmed {
  std::vector<message_range> gone;
  std::vector<event_gap> unread;  ///< Behind some reader's cursor: it must be told.
  bool within = true;             ///< What is left keeps to the bounds.
};

}  // namespace causerie::journal
