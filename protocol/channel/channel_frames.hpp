// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/ids.hpp"
#include "protocol/link/frame.hpp"
#include "protocol/result.hpp"
#include "protocol/wire/codec.hpp"

namespace causerie::protocol {

/// A place in a channel: byte `off` of message `seq`. What lies after a whole message is
/// {seq + 1, 0}, so that ranges of whole messages and of fragments join without a seam.
struct channel_position {
  sequence seq = 1;
  std::uint64_t off = 0;
  friend auto operator<=>(const channel_position&, const channel_position&) = default;
};

/// From `begin` up to, not including, `end`.
struct channel_range {
  channel_position begin, end;
  friend bool operator==(const channel_range&, const channel_range&) = default;
};

/// Messages up to this size travel whole, many to a frame; larger ones in fragments of their own.
/// A constant, so that a message sent again is never cut otherwise than before.
inline constexpr std::size_t channel_whole_bytes_max = 960;
[[nodiscard]] inline bool channel_whole(const shared_bytes& payload) noexcept {
  return payload.size() <= channel_whole_bytes_max;
}
/// What a message costs of a window beyond its bytes, so that empty messages are bounded too.
inline constexpr std::uint64_t channel_message_overhead = 32;
[[nodiscard]] inline std::uint64_t channel_cost(const shared_bytes& payload) noexcept {
  return payload.size() + channel_message_overhead;
}
inline constexpr std::size_t channel_name_bytes_max = 64;
inline constexpr std::size_t channel_sacks_max = 32;

enum class channel_frame_kind : std::uint8_t { batch = 1, fragment = 2, ack = 3, control = 4 };

/// Which channel a `cid` is; rides along until the receiver has acknowledged something.
struct channel_introduction {
  std::string name;
  /// Grows from one incarnation of the channel to the next: a late frame of an old one is known.
  std::uint64_t generation = 0;
  boot_epoch receiver{};  ///< The life of the receiver this is meant for; zero: any.
  bool durable = false;   ///< It outlives the processes at its ends.
  /// Durable: the first life of the receiver that a message of this incarnation may have reached;
  /// zero: none yet.
  boot_epoch since{};
};

/// CH_DATA for whole messages: `first`, `first + 1`, …
struct channel_batch {
  std::uint64_t cid = 0;
  std::optional<channel_introduction> introduction;
  sequence first = 1;
  std::vector<shared_bytes> messages;
};

/// CH_DATA for a part of one message. `total` 0 (and no bytes): the sender takes the message back,
/// because the receiver will never have room for it.
struct channel_fragment {
  std::uint64_t cid = 0;
  std::optional<channel_introduction> introduction;
  channel_position at;
  std::uint64_t total = 0;
  shared_bytes bytes;
};

/// CH_ACK: everything the sender needs to know of the receiver; only the newest counts.
struct channel_ack {
  std::uint64_t cid = 0;
  std::uint64_t number = 0;  ///< Grows; an ack that was overtaken is ignored.
  std::uint64_t echo = 0;    ///< The last `channel_control::number` of an open or resume; or 0.
  bool rewind = false;  ///< The receiver was restarted: link-acknowledged frames may have died.
  channel_position recv_next;        ///< Everything before is held or has been delivered.
  sequence committed_next = 1;       ///< Everything before has been committed by the application.
  std::uint64_t window = 0;          ///< Cost that may be on its way or uncommitted from there on.
  std::vector<channel_range> sacks;  ///< Held beyond `recv_next`, ascending, disjoint.
};

enum class channel_control_kind : std::uint8_t {
  resume = 1,  ///< Where do you stand? Answered by an ack that echoes `number`.
  reset = 2,   ///< The sender has given this incarnation up.
  reject = 3,  ///< The receiver does not take message `number`: see `reason`.
};
enum class channel_reject_reason : std::uint8_t {
  none = 0,
  busy = 1,             ///< No room now: try again later.
  too_large = 2,        ///< No room ever.
  unknown_channel = 3,  ///< This `cid` was never introduced, or has been forgotten.
};

/// CH_CTRL. A `resume` with an introduction is the OPEN of a channel without data yet.
struct channel_control {
  channel_control_kind kind{};
  std::uint64_t cid = 0;
  std::optional<channel_introduction> introduction;
  std::uint64_t number = 0;
  channel_reject_reason reason{};
};

using channel_frame = std::variant<channel_batch, channel_fragment, channel_ack, channel_control>;

/// The frame that is exactly these bytes, checked as far as that needs no state of the channel:
/// ranges, names, sums that do not wrap. Payloads share the body's buffer. Error: `malformed`.
[[nodiscard]] result<channel_frame> decode_channel_frame(const shared_bytes& body);
[[nodiscard]] shared_bytes encode_channel_frame(const channel_ack& frame);
[[nodiscard]] shared_bytes encode_channel_frame(const channel_control& frame);

/// UTF-8 (RFC 3629) of 1 to 64 bytes without control characters.
[[nodiscard]] bool valid_channel_name(std::string_view name) noexcept;

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, channel_position& x) {
  return f(x.seq, x.off);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, channel_range& x) {
  return f(x.begin, x.end);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, channel_introduction& x) {
  auto name = wire::limited(x.name, channel_name_bytes_max);
  return f(name, x.generation, x.receiver, x.durable, x.since);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, channel_batch& x) {
  auto cid = wire::fixed(x.cid);
  return f(cid, x.introduction, x.first, x.messages);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, channel_fragment& x) {
  auto cid = wire::fixed(x.cid);
  return f(cid, x.introduction, x.at, x.total, x.bytes);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, channel_ack& x) {
  auto cid = wire::fixed(x.cid);
  auto sacks = wire::limited(x.sacks, channel_sacks_max);
  return f(cid, x.number, x.echo, x.rewind, x.recv_next, x.committed_next, x.window, sacks);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, channel_control& x) {
  auto kind = wire::ranged(x.kind, channel_control_kind::resume, channel_control_kind::reject);
  auto cid = wire::fixed(x.cid);
  auto reason =
      wire::ranged(x.reason, channel_reject_reason::none, channel_reject_reason::unknown_channel);
  return f(kind, cid, x.introduction, x.number, reason);
}

}  // namespace causerie::protocol
