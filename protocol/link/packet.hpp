// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/link/packet_number.hpp"
#include "protocol/wire/codec.hpp"

namespace causerie::protocol {

/// The first byte of every datagram.
enum class datagram_type : std::uint8_t {
  hello = 1,      ///< Opens a link. Padded to 1200 bytes, so that its answer never amplifies.
  hello_ack = 2,  ///< Answers a hello.
  transport = 3,  ///< Frames under a session.
  swim = 4,       ///< Membership; needs no session.
};

inline constexpr std::uint8_t version_major = 0;
inline constexpr std::uint8_t version_minor = 1;
inline constexpr std::size_t hello_bytes = 1200;
/// Larger datagrams are dropped unread: no path MTU that a peer may discover exceeds this.
inline constexpr std::size_t datagram_bytes_accepted_max = 1500;

/// A session's index at the node that receives under it.
using session_index = std::uint32_t;
using cluster_hash = std::array<std::uint8_t, 16>;

[[nodiscard]] cluster_hash hash_of_cluster(std::string_view name);

/// What both handshake datagrams begin with, so that strangers are told apart before all else.
struct handshake_header {
  std::uint8_t major = version_major, minor = version_minor;
  cluster_hash cluster{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, handshake_header& x) {
  return f(x.major, x.minor, x.cluster);
}

/// "I am `from`, call this session `index`." The zeros after it are not fields.
struct hello {
  incarnation from;
  std::optional<node_id> expected;  ///< Whom the sender means; none when it has only an address.
  session_index index = 0;
  std::uint8_t attempt = 0;  ///< Echoed, so that only an unambiguous answer measures the RTT.
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, hello& x) {
  return f(x.from, x.expected, x.index, x.attempt);
}

struct hello_ack {
  incarnation from;
  incarnation to;
  session_index index = 0;     ///< The responder's.
  session_index to_index = 0;  ///< The initiator's, echoed.
  std::uint8_t attempt = 0;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, hello_ack& x) {
  return f(x.from, x.to, x.index, x.to_index, x.attempt);
}

/// Type, index of the receiver's session (4 bytes), packet number (8 bytes), little-endian.
struct transport_header {
  static constexpr std::size_t bytes = 13;
  session_index index = 0;
  packet_number number = 0;
};
void write_header(const transport_header& header, std::byte* at) noexcept;
[[nodiscard]] std::optional<transport_header> read_header(byte_view datagram) noexcept;

[[nodiscard]] shared_bytes encode_hello(const cluster_hash& cluster, const hello& message);
[[nodiscard]] shared_bytes encode_hello_ack(const cluster_hash& cluster, const hello_ack& message);
/// Errors: `foreign_version`, `refused` (another cluster), `malformed`.
[[nodiscard]] result<hello> decode_hello(const cluster_hash& cluster, const shared_bytes& datagram);
[[nodiscard]] result<hello_ack> decode_hello_ack(const cluster_hash& cluster,
                                                 const shared_bytes& datagram);

}  // namespace causerie::protocol
