// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <sodium/utils.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace causerie::protocol {

/// Bytes that must not be seen: zeroed when they go, never printed (there is no formatter and no
/// `inspect`), never copied by accident.
template <std::size_t Octets>
class secret {
public:
  secret() noexcept = default;
  explicit secret(const std::array<std::uint8_t, Octets>& octets) noexcept : octets_{octets} {}
  ~secret() { sodium_memzero(octets_.data(), octets_.size()); }
  secret(secret&& other) noexcept : octets_{other.octets_} {
    sodium_memzero(other.octets_.data(), other.octets_.size());
  }
  secret& operator=(secret&& other) noexcept {
    std::swap(octets_, other.octets_);
    return *this;
  }

  [[nodiscard]] const std::array<std::uint8_t, Octets>& reveal() const noexcept { return octets_; }
  [[nodiscard]] std::array<std::uint8_t, Octets>& reveal() noexcept { return octets_; }

private:
  std::array<std::uint8_t, Octets> octets_{};
};

}  // namespace causerie::protocol
