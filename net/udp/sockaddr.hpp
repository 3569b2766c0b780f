// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "protocol/address.hpp"

namespace causerie::net {

[[nodiscard]] inline protocol::socket_address to_address(const sockaddr* from) noexcept {
  if (from->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, from, sizeof v4);
    std::uint8_t octets[4];
    std::memcpy(octets, &v4.sin_addr, 4);
    return protocol::socket_address::v4(octets[0], octets[1], octets[2], octets[3],
                                        ntohs(v4.sin_port));
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, from, sizeof v6);
  protocol::socket_address address;
  std::memcpy(address.ip.data(), &v6.sin6_addr, 16);
  address.port = ntohs(v6.sin6_port);
  return address;
}

/// Fills `to` for a socket of the family; an IPv4 address on an IPv6 socket stays mapped.
inline socklen_t to_sockaddr(const protocol::socket_address& from, bool v6_socket,
                             sockaddr_storage& to) noexcept {
  std::memset(&to, 0, sizeof to);
  if (!v6_socket) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(from.port);
    std::memcpy(&v4.sin_addr, from.ip.data() + 12, 4);
    std::memcpy(&to, &v4, sizeof v4);
    return sizeof v4;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(from.port);
  std::memcpy(&v6.sin6_addr, from.ip.data(), 16);
  std::memcpy(&to, &v6, sizeof v6);
  return sizeof v6;
}

}  // namespace causerie::net
