// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <system_error>

namespace causerie::protocol {

/// Why a protocol machine refused something. Values are stable: they are shown to scripts.
enum class protocol_errc {
  ok = 0,
  would_block = 1,       ///< A bounded queue or window is full; a credit event follows.
  too_large = 2,         ///< Larger than the stated bound for such a thing.
  not_a_member = 3,      ///< The group or channel is not joined, or has been left.
  refused = 4,           ///< The other side said no; the reason travels beside the code.
  unknown_peer = 5,      ///< No address is known for that node.
  unreachable = 6,       ///< No answer within the bound.
  duplicate = 7,         ///< Seen already; harmless.
  malformed = 8,         ///< Bytes that no correct peer would send.
  foreign_version = 9,   ///< A major protocol version that we do not speak.
  stale_epoch = 10,      ///< From, or for, an earlier life of a node.
  out_of_window = 11,    ///< Too far ahead or behind to be kept.
  unknown_session = 12,  ///< A packet for a session that we do not have.
  closed = 13,           ///< The machine has been closed.
  timed_out = 14,        ///< The caller's deadline passed; the outcome may be unknown.
  no_majority = 15,      ///< The group requires a majority of its members, and they are not here.
  outcome_unknown = 16,  ///< Nobody can tell any more whether it was done.
  bad_name = 17,         ///< A name of a group has 1 to 64 bytes of UTF-8.
  entered_before = 18,   ///< A group is entered once in a life of a node.
};

[[nodiscard]] const std::error_category& protocol_category() noexcept;
[[nodiscard]] inline std::error_code make_error_code(protocol_errc code) noexcept {
  return {static_cast<int>(code), protocol_category()};
}

}  // namespace causerie::protocol

template <>
struct std::is_error_code_enum<causerie::protocol::protocol_errc> : std::true_type {};
