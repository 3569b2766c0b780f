// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/bytes.hpp"

namespace causerie::journal {

/// A key of the table `recent`, which SQLite keeps as a number: eight bytes, big-endian.
using number_bytes = std::array<std::byte, 8>;

[[nodiscard]] inline number_bytes number_key(std::int64_t number) noexcept {
  number_bytes bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = std::byte(static_cast<std::uint64_t>(number) >> (56 - 8 * i) & 0xffu);
  return bytes;
}
/// Zero for an empty one.
[[nodiscard]] inline std::uint64_t number_of(protocol::byte_view key) noexcept {
  std::uint64_t number = 0;
  for (const auto one : key) number = number << 8 | std::to_integer<std::uint64_t>(one);
  return number;
}

}  // namespace causerie::journal
