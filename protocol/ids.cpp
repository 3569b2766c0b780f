// SPDX-License-Identifier: BSL-1.0
#include "protocol/ids.hpp"

#include "protocol/hash.hpp"

namespace causerie::protocol {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

template <std::size_t N>
std::string hex(const std::array<std::uint8_t, N>& octets) {
  std::string text;
  text.reserve(N * 2);
  for (const auto octet : octets) {
    text += hex_digits[octet >> 4];
    text += hex_digits[octet & 15];
  }
  return text;
}

}  // namespace

std::string node_id::text() const { return hex(octets); }
std::string node_id::short_text() const { return hex(octets).substr(0, 8); }
std::string group_id::text() const { return hex(octets); }

std::optional<node_id> node_id::parse(std::string_view text) {
  node_id id;
  if (text.size() != id.octets.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = hex_digits.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    auto& octet = id.octets[i / 2];
    octet = static_cast<std::uint8_t>(octet << 4 | digit);
  }
  return id;
}

group_id make_group_id(std::string_view cluster, std::string_view name) {
  hasher<16> hash;
  hash.add(std::uint64_t{cluster.size()});
  hash.add(cluster);
  hash.add(name);
  return {hash.finish()};
}

member_tag make_member_tag(const group_id& group, const incarnation& who) {
  // BLAKE2b cannot give less than 16 bytes in libsodium: take the first eight of them.
  hasher<16> hash;
  hash.add(group.octets);
  hash.add(who.node.octets);
  hash.add(number(who.epoch));
  const auto digest = hash.finish();
  std::uint64_t tag = 0;
  for (std::size_t i = 0; i < 8; ++i) tag |= std::uint64_t{digest[i]} << (8 * i);
  return member_tag{tag};
}

}  // namespace causerie::protocol
