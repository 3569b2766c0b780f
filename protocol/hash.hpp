// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <sodium/crypto_generichash.h>

#include "protocol/bytes.hpp"

namespace causerie::protocol {

/// BLAKE2b with an `Octets` byte result (RFC 7693), fed in parts. 16 <= Octets <= 64.
template <std::size_t Octets>
class hasher {
  static_assert(Octets >= 16 && Octets <= 64);

public:
  hasher() noexcept { crypto_generichash_init(&state_, nullptr, 0, Octets); }

  void add(byte_view bytes) noexcept {
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size());
  }
  void add(std::string_view text) noexcept {
    add(std::as_bytes(std::span{text.data(), text.size()}));
  }
  template <std::size_t N>
  void add(const std::array<std::uint8_t, N>& octets) noexcept {
    add(std::as_bytes(std::span{octets}));
  }
  /// Little-endian, eight bytes.
  void add(std::uint64_t value) noexcept {
    std::array<std::uint8_t, 8> octets{};
    for (auto& octet : octets) {
      octet = static_cast<std::uint8_t>(value);
      value >>= 8;
    }
    add(octets);
  }

  [[nodiscard]] std::array<std::uint8_t, Octets> finish() noexcept {
    std::array<std::uint8_t, Octets> digest{};
    crypto_generichash_final(&state_, digest.data(), digest.size());
    return digest;
  }

private:
  crypto_generichash_state state_;
};

}  // namespace causerie::protocol
