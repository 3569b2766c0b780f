// SPDX-License-Identifier: BSL-1.0
#include "apps/checker/payload_hash.hpp"

#include "protocol/hash.hpp"

namespace causerie::checker {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

}  // namespace

std::uint64_t payload_hash(protocol::byte_view payload) noexcept {
  protocol::hasher<16> hasher;
  hasher.add(payload);
  const auto digest = hasher.finish();
  std::uint64_t hash = 0;
  for (unsigned i = 0; i < 8; ++i) hash |= std::uint64_t{digest[i]} << (8 * i);
  return hash;
}

std::string hash_text(std::uint64_t hash) {
  std::string text;
  for (unsigned i = 0; i < 8; ++i) {
    const auto octet = (hash >> (8 * i)) & 0xff;
    text += hex_digits[octet >> 4];
    text += hex_digits[octet & 15];
  }
  return text;
}

std::optional<std::uint64_t> parse_hash(std::string_view text) noexcept {
  if (text.size() != 16) return std::nullopt;
  std::uint64_t hash = 0;
  for (unsigned i = 0; i < 16; ++i) {
    const auto digit = hex_digits.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    hash |= std::uint64_t{digit} << (8 * (i / 2) + (i % 2 == 0 ? 4 : 0));
  }
  return hash;
}

}  // namespace causerie::checker
