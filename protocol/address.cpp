// SPDX-License-Identifier: BSL-1.0
#include "protocol/address.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace causerie::protocol {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

socket_address socket_address::v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d,
                                  std::uint16_t port) noexcept {
  socket_address address;
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.ip.begin());
  address.ip[12] = a;
  address.ip[13] = b;
  address.ip[14] = c;
  address.ip[15] = d;
  address.port = port;
  return address;
}

bool socket_address::is_v4() const noexcept {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), ip.begin());
}

bool socket_address::is_loopback() const noexcept {
  if (is_v4()) return ip[12] == 127;
  return ip[15] == 1 && std::all_of(ip.begin(), ip.begin() + 15, [](auto b) { return b == 0; });
}

std::string socket_address::text() const {
  char buffer[INET6_ADDRSTRLEN] = {};
  if (is_v4()) {
    inet_ntop(AF_INET, ip.data() + 12, buffer, sizeof buffer);
    return std::string{buffer} + ":" + std::to_string(port);
  }
  inet_ntop(AF_INET6, ip.data(), buffer, sizeof buffer);
  return "[" + std::string{buffer} + "]:" + std::to_string(port);
}

std::optional<socket_address> socket_address::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty())
    return std::nullopt;
  std::string host{text.substr(0, colon)};
  socket_address address;
  address.port = port;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (inet_pton(AF_INET6, host.c_str(), address.ip.data()) != 1) return std::nullopt;
    return address;
  }
  std::array<std::uint8_t, 4> octets{};
  if (inet_pton(AF_INET, host.c_str(), octets.data()) != 1) return std::nullopt;
  return v4(octets[0], octets[1], octets[2], octets[3], port);
}

}  // namespace causerie::protocol
