// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/octet_word.hpp"

namespace causerie::protocol {

/// Where datagrams go: an IP address and a UDP port, without any socket type.
/// IPv4 is kept as an IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2).
struct socket_address {
  std::array<std::uint8_t, 16> ip{};
  std::uint16_t port = 0;

  /// Octet by octet and then by port, a word at a time: every datagram is looked up by its address.
  friend bool operator==(const socket_address& a, const socket_address& b) noexcept {
    return a.port == b.port && a.word(8) == b.word(8) && a.word(0) == b.word(0);
  }
  friend std::strong_ordering operator<=>(const socket_address& a,
                                          const socket_address& b) noexcept {
    if (const auto order = a.word(0) <=> b.word(0); order != 0) return order;
    if (const auto order = a.word(8) <=> b.word(8); order != 0) return order;
    return a.port <=> b.port;
  }

  [[nodiscard]] static socket_address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c,
                                         std::uint8_t d, std::uint16_t port) noexcept;
  [[nodiscard]] bool is_v4() const noexcept;
  [[nodiscard]] bool is_loopback() const noexcept;
  /// Port zero: nobody can be reached there.
  [[nodiscard]] bool empty() const noexcept { return port == 0; }

  /// `127.0.0.1:7450` or `[::1]:7450`.
  [[nodiscard]] std::string text() const;
  /// Numeric addresses with a port, in the two forms of `text()`; names are not resolved here.
  [[nodiscard]] static std::optional<socket_address> parse(std::string_view text);

private:
  [[nodiscard]] std::uint64_t word(std::size_t from) const noexcept {
    return octet_word(ip.data() + from);
  }
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, socket_address& x) {
  return f(x.ip, x.port);
}

}  // namespace causerie::protocol
