// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/bytes.hpp"
#include "protocol/ids.hpp"

namespace causerie::journal {

/// A key whose order as bytes is the order of its parts: numbers are big-endian, texts carry their
/// length first, so that no key with one part more is mistaken for another.
class row_key {
public:
  row_key() { bytes_.reserve(64); }

  row_key& add(std::uint8_t value) {
    bytes_.push_back(std::byte{value});
    return *this;
  }
  row_key& add(std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) add(static_cast<std::uint8_t>(value >> shift));
    return *this;
  }
  row_key& add(protocol::member_tag tag) { return add(protocol::number(tag)); }
  row_key& add(const protocol::node_id& id) { return add_octets(id.octets); }
  row_key& add(const protocol::group_id& id) { return add_octets(id.octets); }
  /// Precondition: at most 255 bytes; `node_journal` refuses longer names.
  row_key& add(std::string_view text) {
    add(static_cast<std::uint8_t>(text.size()));
    for (const char c : text) add(static_cast<std::uint8_t>(c));
    return *this;
  }

  [[nodiscard]] const protocol::byte_buffer& bytes() const noexcept { return bytes_; }
  operator protocol::byte_view() const noexcept { return bytes_; }

  /// The first key behind all that begin with this one.
  [[nodiscard]] row_key beyond() const {
    row_key next{*this};
    while (!next.bytes_.empty() && next.bytes_.back() == std::byte{0xff}) next.bytes_.pop_back();
    if (!next.bytes_.empty())
      next.bytes_.back() = std::byte(std::to_integer<unsigned>(next.bytes_.back()) + 1);
    return next;
  }

private:
  template <class Octets>
  row_key& add_octets(const Octets& octets) {
    for (const auto octet : octets) add(octet);
    return *this;
  }

  protocol::byte_buffer bytes_;
};

/// Takes a key apart. A key that is too short gives zeros and `ok()` is false from then on.
class key_reader {
public:
  explicit key_reader(protocol::byte_view key) noexcept : rest_{key} {}

  [[nodiscard]] std::uint8_t octet() noexcept {
    if (rest_.empty()) {
      ok_ = false;
      return 0;
    }
    const auto value = std::to_integer<std::uint8_t>(rest_.front());
    rest_ = rest_.subspan(1);
    return value;
  }
  [[nodiscard]] std::uint64_t number() noexcept {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | octet();
    return value;
  }
  [[nodiscard]] protocol::member_tag tag() noexcept { return protocol::member_tag{number()}; }
  [[nodiscard]] protocol::node_id node() noexcept { return octets(protocol::node_id{}); }
  [[nodiscard]] protocol::group_id group() noexcept { return octets(protocol::group_id{}); }
  [[nodiscard]] std::string text() {
    std::string value;
    for (auto left = octet(); left > 0 && ok_; --left) value += static_cast<char>(octet());
    return value;
  }
  /// Everything asked for was there, and nothing is left.
  [[nodiscard]] bool ok() const noexcept { return ok_ && rest_.empty(); }

private:
  template <class Id>
  Id octets(Id id) noexcept {
    for (auto& one : id.octets) one = octet();
    return id;
  }

  protocol::byte_view rest_;
  bool ok_ = true;
};

}  // namespace causerie::journal
