// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/membership/swim_packet.hpp"
#include "protocol/membership/swim_record.hpp"
#include "protocol/result.hpp"
#include "protocol/wire/codec.hpp"

namespace causerie::protocol::swim {

/// A swim datagram never needs more than the smallest path MTU we accept, link byte included.
inline constexpr std::size_t datagram_bytes_max = 1150;
inline constexpr std::size_t piggyback_records_max = 8;
inline constexpr std::size_t part_records_max = 64;
inline constexpr std::size_t wanted_ranges_max = 4;
inline constexpr std::size_t reason_bytes_max = 160;
inline constexpr std::size_t extension_bytes_max = 1024;

inline constexpr std::uint8_t version_major = 1;  ///< Must match.
inline constexpr std::uint8_t version_minor = 0;  ///< May differ: news go into the extension.

struct header {
  std::uint8_t major = version_major;
  std::uint8_t minor = version_minor;
  std::uint64_t cluster = 0;  ///< `cluster_hash` of the cluster's name.
  incarnation sender;
};

/// The wire form of a probe_message: what the packet's header and source do not say already.
struct probe_body {
  probe_kind kind{};
  std::uint64_t nonce = 0;
  incarnation target;
  bool suspected = false;
  socket_address target_address;  ///< ping_request only.
};
/// Nothing but the records that every datagram may carry.
struct gossip_body {};
/// Asks for the records in `wanted` (none: all), unless the asker's digest is the answerer's own.
struct exchange_request {
  std::uint64_t nonce = 0;
  std::uint64_t digest = 0;
  bool mutual = false;  ///< The answerer asks back.
  std::vector<key_range> wanted;
};
/// Some of the answerer's records: all that it has in `covers`. Parts may come in any order, be
/// lost, or be seen twice.
struct exchange_part {
  std::uint64_t nonce = 0;
  key_range covers;
  bool last = false;  ///< No more parts are on their way for now.
};
/// An exchange asked for by a newcomer, whose own Alive is the datagram's record.
struct join_request {
  std::uint64_t nonce = 0;
  std::vector<key_range> wanted;
};
struct join_refusal {
  std::uint64_t nonce = 0;
  std::string reason;
};

using datagram_body = std::variant<probe_body, gossip_body, exchange_request, exchange_part,
                                   join_request, join_refusal>;

struct swim_datagram {
  header head;
  datagram_body body;
  std::vector<member_record> members;
  std::vector<presence_record> presences;
  /// Fields of later minor versions, skipped by those who do not know them. Signatures of records
  /// and the keyring's tag will be here.
  shared_bytes extension;
};

/// What tells clusters on one network apart: first eight octets of a BLAKE2b of the name.
[[nodiscard]] std::uint64_t cluster_hash(std::string_view name);

/// Errors: `foreign_version` (another major), `malformed` (anything no correct peer would send).
[[nodiscard]] result<swim_datagram> parse_datagram(const shared_bytes& bytes);
/// Precondition: the records fit into `datagram_bytes_max`.
[[nodiscard]] shared_bytes encode_datagram(const swim_datagram& message);

/// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, header& x) {
  return f(x.major, x.minor, wire::fixed(x.cluster), x.sender);
}
template <class Inspector>
bool inspect(Inspector& f, probe_body& x) {
  return f(wire::ranged(x.kind, probe_kind::ping, probe_kind::nack), wire::fixed(x.nonce), x.target,
           x.suspected) &&
         (x.kind != probe_kind::ping_request || f(x.target_address));
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, gossip_body&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, exchange_request& x) {
  return f(wire::fixed(x.nonce), wire::fixed(x.digest), x.mutual,
           wire::limited(x.wanted, wanted_ranges_max));
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, exchange_part& x) {
  return f(wire::fixed(x.nonce), x.covers, x.last);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, join_request& x) {
  return f(wire::fixed(x.nonce), wire::limited(x.wanted, wanted_ranges_max));
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, join_refusal& x) {
  return f(wire::fixed(x.nonce), wire::limited(x.reason, reason_bytes_max));
}

namespace detail {
/// Makes `body` hold the alternative of that index; false when there is none.
[[nodiscard]] bool choose_body(datagram_body& body, std::uint8_t index);
}  // namespace detail

template <class Inspector>
bool inspect(Inspector& f, swim_datagram& x) {
  auto kind = static_cast<std::uint8_t>(x.body.index());
  if (!f(x.head, kind)) return false;
  if constexpr (Inspector::writes_state)
    if (!detail::choose_body(x.body, kind)) return false;
  return std::visit([&](auto& body) { return static_cast<bool>(f(body)); }, x.body) &&
         f(wire::limited(x.members, part_records_max), wire::limited(x.presences, part_records_max),
           wire::limited(x.extension, extension_bytes_max));
}

}  // namespace causerie::protocol::swim
