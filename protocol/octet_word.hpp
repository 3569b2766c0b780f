// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace causerie::protocol {

/// Eight octets as a number that is ordered as they are: ids and addresses are compared a word at a
/// time, without a call.
[[nodiscard]] inline std::uint64_t octet_word(const std::uint8_t* octets) noexcept {
  std::uint64_t there;
  std::memcpy(&there, octets, sizeof there);
  return std::endian::native == std::endian::little ? __builtin_bswap64(there) : there;
}

}  // namespace causerie::protocol
