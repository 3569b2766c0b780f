// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/ids.hpp"
#include "protocol/time.hpp"

/// What a message's `inspect` may say of a field besides its type, and how the codec tells the
/// types of fields apart.
namespace causerie::protocol::wire {

/// A 64-bit number that is as good as random: eight raw bytes instead of ten varint ones.
template <class T>
struct fixed_ref {
  T& value;
};
template <class T>
fixed_ref<T> fixed(T& value) noexcept {
  static_assert(sizeof(T) == 8);
  return {value};
}

/// A string, byte string or vector that may not have more than `size_max` elements on the wire.
template <class T>
struct limited_ref {
  T& value;
  std::size_t size_max;
};
template <class T>
limited_ref<T> limited(T& value, std::size_t size_max) noexcept {
  return {value, size_max};
}

/// An enum whose known values are 0..last (or first..last): anything else is malformed.
template <class T>
struct ranged_ref {
  T& value;
  T first, last;
};
template <class T>
ranged_ref<T> ranged(T& value, T first, T last) noexcept {
  return {value, first, last};
}

// Other inspectors (CAF's printer) see through the wrappers.
template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, fixed_ref<T>& x) {
  return f(x.value);
}
template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, limited_ref<T>& x) {
  return f(x.value);
}
template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, ranged_ref<T>& x) {
  return f(x.value);
}

namespace detail {

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_pair = false;
template <class A, class B>
inline constexpr bool is_pair<std::pair<A, B>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_octets = false;
template <std::size_t N>
inline constexpr bool is_octets<std::array<std::uint8_t, N>> = true;
template <class T>
inline constexpr bool is_fixed = false;
template <class T>
inline constexpr bool is_fixed<fixed_ref<T>> = true;
template <class T>
inline constexpr bool is_limited = false;
template <class T>
inline constexpr bool is_limited<limited_ref<T>> = true;
template <class T>
inline constexpr bool is_ranged = false;
template <class T>
inline constexpr bool is_ranged<ranged_ref<T>> = true;
template <class T>
concept flag_or_octet = std::same_as<T, bool> || std::same_as<T, std::uint8_t>;
template <class T>
concept number = std::unsigned_integral<T> && !flag_or_octet<T>;
template <class T>
concept blob =
    std::same_as<T, std::string> || std::same_as<T, byte_buffer> || std::same_as<T, shared_bytes>;

[[nodiscard]] constexpr std::size_t varint_bytes(std::uint64_t value) noexcept {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

/// Where the machine has the wire's order whole words are copied: compilers do not see through the
/// loop over octets.
template <class Integer>
void put_little_endian(Integer value, std::byte* at) noexcept {
  if constexpr (std::endian::native == std::endian::little)
    std::memcpy(at, &value, sizeof value);
  else
    for (std::size_t i = 0; i < sizeof value; ++i) at[i] = static_cast<std::byte>(value >> (8 * i));
}
template <class Integer>
[[nodiscard]] Integer take_little_endian(const std::byte* at) noexcept {
  Integer value = 0;
  if constexpr (std::endian::native == std::endian::little)
    std::memcpy(&value, at, sizeof value);
  else
    for (std::size_t i = 0; i < sizeof value; ++i) value |= static_cast<Integer>(at[i]) << (8 * i);
  return value;
}

}  // namespace detail

}  // namespace causerie::protocol::wire
