// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
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
#include "protocol/errors.hpp"
#include "protocol/ids.hpp"
#include "protocol/result.hpp"
#include "protocol/wire/wire_kinds.hpp"

/// The wire format. A message struct has one `inspect(f, x)` that names its fields in order; CAF
/// prints through it, and the three inspectors here (sizer, writer, reader) make it bytes and back.
///
/// Integers of 16 bits and more are canonical LEB128 varints (shortest form only, so that equal
/// messages are equal bytes); `fixed` values, tags and octet arrays are raw little-endian bytes;
/// strings, byte strings and vectors carry their length first. A decoded message owns nothing that
/// the input's length does not justify: a claimed length allocates nothing by itself.
namespace causerie::protocol::wire {

/// First pass: exactly how many bytes the writer will need.
class sizer {
public:
  using result_type = bool;
  static constexpr bool reads_state = true;
  static constexpr bool writes_state = false;

  template <class... Ts>
  [[gnu::always_inline]] bool operator()(Ts&&... fields) {
    (add(fields), ...);
    return true;
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
  template <class T>
  [[gnu::always_inline]] void add(const T& x) {
    if constexpr (detail::flag_or_octet<T>)
      ++bytes_;
    else if constexpr (detail::number<T>)
      bytes_ += detail::varint_bytes(x);
    else if constexpr (std::same_as<T, member_tag> || detail::is_fixed<T>)
      bytes_ += 8;
    else if constexpr (std::is_enum_v<T>)
      add(static_cast<std::underlying_type_t<T>>(x));
    else if constexpr (std::same_as<T, wall_time>)
      add(static_cast<std::uint64_t>(x.time_since_epoch().count()));
    else if constexpr (detail::is_octets<T>)
      bytes_ += x.size();
    else if constexpr (detail::blob<T>)
      bytes_ += detail::varint_bytes(x.size()) + x.size();
    else if constexpr (detail::is_pair<T>) {
      add(x.first);
      add(x.second);
    } else if constexpr (detail::is_optional<T>) {
      ++bytes_;
      if (x) add(*x);
    } else if constexpr (detail::is_limited<T> || detail::is_ranged<T>)
      add(x.value);
    else if constexpr (detail::is_vector<T>) {
      bytes_ += detail::varint_bytes(x.size());
      for (const auto& element : x) add(element);
    } else {
      inspect(*this, const_cast<T&>(x));  // `inspect` takes T& for readers' sake.
    }
  }
  std::size_t bytes_ = 0;
};

/// Second pass: writes through a raw pointer into room that the sizer has measured.
class writer {
public:
  using result_type = bool;
  static constexpr bool reads_state = true;
  static constexpr bool writes_state = false;

  explicit writer(std::byte* at) noexcept : at_{at} {}
  [[nodiscard]] std::byte* position() const noexcept { return at_; }

  template <class... Ts>
  [[gnu::always_inline]] bool operator()(Ts&&... fields) {
    (put(fields), ...);
    return true;
  }

private:
  [[gnu::always_inline]] void varint(std::uint64_t value) noexcept {
    auto* at = at_;  // A local copy: the bytes written might alias at_.
    while (value >= 0x80) {
      *at++ = static_cast<std::byte>(value | 0x80);
      value >>= 7;
    }
    *at++ = static_cast<std::byte>(value);
    at_ = at;
  }
  void raw(const void* from, std::size_t count) noexcept {
    if (count != 0) std::memcpy(at_, from, count);
    at_ += count;
  }
  template <class T>
  [[gnu::always_inline]] void put(const T& x) {
    if constexpr (detail::flag_or_octet<T>)
      *at_++ = static_cast<std::byte>(x);
    else if constexpr (detail::number<T>)
      varint(x);
    else if constexpr (std::same_as<T, member_tag>)
      little_endian(number(x));
    else if constexpr (detail::is_fixed<T>)
      little_endian(static_cast<std::uint64_t>(x.value));
    else if constexpr (std::is_enum_v<T>)
      put(static_cast<std::underlying_type_t<T>>(x));
    else if constexpr (std::same_as<T, wall_time>)
      varint(static_cast<std::uint64_t>(x.time_since_epoch().count()));
    else if constexpr (detail::is_octets<T>)
      raw(x.data(), x.size());
    else if constexpr (detail::blob<T>) {
      varint(x.size());
      raw(x.data(), x.size());
    } else if constexpr (detail::is_pair<T>) {
      put(x.first);
      put(x.second);
    } else if constexpr (detail::is_optional<T>) {
      put(x.has_value());
      if (x) put(*x);
    } else if constexpr (detail::is_limited<T> || detail::is_ranged<T>)
      put(x.value);
    else if constexpr (detail::is_vector<T>) {
      varint(x.size());
      for (const auto& element : x) put(element);
    } else {
      inspect(*this, const_cast<T&>(x));
    }
  }
  void little_endian(std::uint64_t value) noexcept {
    detail::put_little_endian(value, at_);
    at_ += 8;
  }
  std::byte* at_;
};

/// Reads untrusted bytes: never past the end, never allocating by a claimed length alone.
/// `shared_bytes` fields become slices of the input and keep its buffer alive: no copy.
class reader {
public:
  using result_type = bool;
  static constexpr bool reads_state = false;
  static constexpr bool writes_state = true;

  /// Reads `input` from its octet `begin` on. Precondition: it has as many.
  explicit reader(const shared_bytes& input, std::size_t begin = 0) noexcept
      : input_{&input}, at_{input.data() + begin}, end_{input.data() + input.size()} {}

  /// True when every byte has been read: trailing bytes are an error of the sender.
  [[nodiscard]] bool done() const noexcept { return at_ == end_; }
  [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  template <class... Ts>
  [[gnu::always_inline]] bool operator()(Ts&&... fields) {
    return (get(fields) && ...);
  }

private:
  bool varint(std::uint64_t& value) noexcept {
    std::uint64_t sum = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) return false;
      const auto octet = static_cast<std::uint64_t>(*at_++);
      if (shift == 63 && octet > 1) return false;  // More than 64 bits.
      sum |= (octet & 0x7f) << shift;
      if (octet < 0x80) {
        if (octet == 0 && shift != 0) return false;  // Not the shortest form.
        value = sum;
        return true;
      }
    }
    return false;
  }
  /// A length: at most `count_max`, and justified by the bytes that are left.
  bool length(std::size_t& count, std::size_t element_bytes_min, std::size_t count_max) noexcept {
    std::uint64_t value = 0;
    if (!varint(value) || value > count_max || value > left() / element_bytes_min) return false;
    count = static_cast<std::size_t>(value);
    return true;
  }
  static constexpr std::size_t room_per_byte_left = 3;

  bool take(std::size_t count, const std::byte*& from) noexcept {
    if (left() < count) return false;
    from = at_;
    at_ += count;
    return true;
  }
  template <class T>
  bool get_sized(T& x, std::size_t size_max) {
    std::size_t count = 0;
    if constexpr (detail::blob<T>) {
      const std::byte* from = nullptr;
      if (!length(count, 1, size_max) || !take(count, from)) return false;
      if constexpr (std::same_as<T, shared_bytes>)
        x = input_->slice(static_cast<std::size_t>(from - input_->data()), count);
      else if constexpr (std::same_as<T, std::string>)
        x.assign(reinterpret_cast<const char*>(from), count);
      else
        x.assign(from, from + count);
      return true;
    } else {
      if (!length(count, 1, size_max)) return false;
      x.clear();
      // Elements may be larger in memory than on the wire. What is allocated at once is justified
      // by the bytes that are left; the rest grows as they are read.
      x.reserve(std::min(count, 1 + room_per_byte_left * left() / sizeof(typename T::value_type)));
      for (; count != 0; --count)
        if (!get(x.emplace_back())) return false;
      return true;
    }
  }
  template <class T>
  [[gnu::always_inline]] bool get(T& x) {
    constexpr auto unlimited = std::numeric_limits<std::size_t>::max();
    if constexpr (std::same_as<T, bool>) {
      if (at_ == end_ || static_cast<std::uint8_t>(*at_) > 1) return false;
      x = *at_++ != std::byte{0};
      return true;
    } else if constexpr (std::same_as<T, std::uint8_t>) {
      if (at_ == end_) return false;
      x = static_cast<std::uint8_t>(*at_++);
      return true;
    } else if constexpr (detail::number<T>) {
      std::uint64_t value = 0;
      if (!varint(value) || value > std::numeric_limits<T>::max()) return false;
      x = static_cast<T>(value);
      return true;
    } else if constexpr (std::same_as<T, member_tag>) {
      std::uint64_t value = 0;
      if (!little_endian(value)) return false;
      x = member_tag{value};
      return true;
    } else if constexpr (detail::is_fixed<T>) {
      std::uint64_t value = 0;
      if (!little_endian(value)) return false;
      x.value = static_cast<std::remove_cvref_t<decltype(x.value)>>(value);
      return true;
    } else if constexpr (std::is_enum_v<T>) {
      std::underlying_type_t<T> value{};
      if (!get(value)) return false;
      x = static_cast<T>(value);
      return true;
    } else if constexpr (std::same_as<T, wall_time>) {
      std::uint64_t value = 0;
      if (!varint(value) || value > std::uint64_t{1} << 53) return false;
      x = wall_time{std::chrono::milliseconds{static_cast<std::int64_t>(value)}};
      return true;
    } else if constexpr (detail::is_octets<T>) {
      const std::byte* from = nullptr;
      if (!take(x.size(), from)) return false;
      std::memcpy(x.data(), from, x.size());
      return true;
    } else if constexpr (detail::is_pair<T>) {
      return get(x.first) && get(x.second);
    } else if constexpr (detail::is_optional<T>) {
      bool there = false;
      if (!get(there)) return false;
      if (!there) {
        x.reset();
        return true;
      }
      return get(x.emplace());
    } else if constexpr (detail::is_ranged<T>) {
      return get(x.value) && x.value >= x.first && x.value <= x.last;
    } else if constexpr (detail::is_limited<T>) {
      return get_sized(x.value, x.size_max);
    } else if constexpr (detail::blob<T> || detail::is_vector<T>) {
      return get_sized(x, unlimited);
    } else {
      return inspect(*this, x);
    }
  }
  bool little_endian(std::uint64_t& value) noexcept {
    const std::byte* from = nullptr;
    if (!take(8, from)) return false;
    value = detail::take_little_endian<std::uint64_t>(from);
    return true;
  }

  const shared_bytes* input_;
  const std::byte* at_;
  const std::byte* end_;
};

/// How many bytes `message` takes on the wire.
template <class T>
[[nodiscard]] std::size_t encoded_size(const T& message) {
  sizer measure;
  measure(message);
  return measure.bytes();
}

/// Appends the message's bytes to `out`: one growth, no other allocation.
template <class T>
void encode_to(byte_buffer& out, const T& message) {
  const auto before = out.size();
  out.resize(before + encoded_size(message));
  writer write{out.data() + before};
  write(message);
}

/// One allocation.
template <class T>
[[nodiscard]] shared_bytes encode(const T& message) {
  const auto size = encoded_size(message);
  const auto buffer = std::make_shared_for_overwrite<std::byte[]>(size);
  writer write{buffer.get()};
  write(message);
  return {buffer, {buffer.get(), size}};
}

/// The message that is exactly these bytes from `begin` on, or `protocol_errc::malformed`.
template <class T>
[[nodiscard]] result<T> decode(const shared_bytes& bytes, std::size_t begin = 0) {
  T message;
  reader read{bytes, begin};
  if (!read(message) || !read.done()) return failure(protocol_errc::malformed);
  return message;
}

}  // namespace causerie::protocol::wire
