// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/bytes.hpp"

namespace causerie::checker {

/// The first eight bytes of BLAKE2b-128 (RFC 7693), little-endian.
[[nodiscard]] std::uint64_t payload_hash(protocol::byte_view payload) noexcept;

/// Sixteen hexadecimal digits, the digest's bytes in order.
[[nodiscard]] std::string hash_text(std::uint64_t hash);
[[nodiscard]] std::optional<std::uint64_t> parse_hash(std::string_view text) noexcept;

}  // namespace causerie::checker
