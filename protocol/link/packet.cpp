// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/packet.hpp"

#include <algorithm>

#include "protocol/hash.hpp"

namespace causerie::protocol {
namespace {

template <class Message>
byte_buffer encode_handshake(datagram_type type, const cluster_hash& cluster,
                             const Message& message) {
  byte_buffer out{static_cast<std::byte>(type)};
  handshake_header header;
  header.cluster = cluster;
  wire::encode_to(out, header);
  wire::encode_to(out, message);
  return out;
}

/// Reads header and message; `padded` says that zeros may follow.
template <class Message>
result<Message> decode_handshake(const cluster_hash& cluster, const shared_bytes& datagram,
                                 bool padded) {
  const auto body = datagram.slice(1, datagram.size() - 1);
  // The version comes first: nothing after it need look the same in another one.
  if (body.empty()) return failure(protocol_errc::malformed);
  if (static_cast<std::uint8_t>(body.data()[0]) != version_major)
    return failure(protocol_errc::foreign_version);
  wire::reader read{body};
  handshake_header header;
  if (!read(header)) return failure(protocol_errc::malformed);
  if (header.cluster != cluster) return failure(protocol_errc::refused);
  Message message;
  if (!read(message)) return failure(protocol_errc::malformed);
  const auto rest = body.view().last(read.left());
  if (!padded && !rest.empty()) return failure(protocol_errc::malformed);
  if (std::any_of(rest.begin(), rest.end(), [](std::byte b) { return b != std::byte{0}; }))
    return failure(protocol_errc::malformed);
  return message;
}

}  // namespace

cluster_hash hash_of_cluster(std::string_view name) {
  hasher<16> hash;
  hash.add("causerie cluster");
  hash.add(name);
  return hash.finish();
}

void write_header(const transport_header& header, std::byte* at) noexcept {
  at[0] = static_cast<std::byte>(datagram_type::transport);
  wire::detail::put_little_endian(header.index, at + 1);
  wire::detail::put_little_endian(header.number, at + 5);
}

std::optional<transport_header> read_header(byte_view datagram) noexcept {
  if (datagram.size() < transport_header::bytes) return std::nullopt;
  return transport_header{wire::detail::take_little_endian<session_index>(datagram.data() + 1),
                          wire::detail::take_little_endian<packet_number>(datagram.data() + 5)};
}

shared_bytes encode_hello(const cluster_hash& cluster, const hello& message) {
  auto out = encode_handshake(datagram_type::hello, cluster, message);
  out.resize(hello_bytes);
  return shared_bytes{std::move(out)};
}

shared_bytes encode_hello_ack(const cluster_hash& cluster, const hello_ack& message) {
  return shared_bytes{encode_handshake(datagram_type::hello_ack, cluster, message)};
}

result<hello> decode_hello(const cluster_hash& cluster, const shared_bytes& datagram) {
  if (datagram.size() != hello_bytes) return failure(protocol_errc::malformed);
  return decode_handshake<hello>(cluster, datagram, /*padded=*/true);
}

result<hello_ack> decode_hello_ack(const cluster_hash& cluster, const shared_bytes& datagram) {
  if (datagram.empty()) return failure(protocol_errc::malformed);
  return decode_handshake<hello_ack>(cluster, datagram, /*padded=*/false);
}

}  // namespace causerie::protocol
