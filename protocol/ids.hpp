// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/octet_word.hpp"

namespace causerie::protocol {

/// Who a node is, for as long as its key lives: 160 bits of BLAKE2b over its Ed25519 public key.
struct node_id {
  std::array<std::uint8_t, 20> octets{};

  /// Octet by octet, a word at a time: ids are as good as random, so the first word mostly decides.
  friend bool operator==(const node_id& a, const node_id& b) noexcept {
    return a.word(0) == b.word(0) && a.word(8) == b.word(8) && a.word(12) == b.word(12);
  }
  friend std::strong_ordering operator<=>(const node_id& a, const node_id& b) noexcept {
    if (const auto order = a.word(0) <=> b.word(0); order != 0) return order;
    if (const auto order = a.word(8) <=> b.word(8); order != 0) return order;
    return a.word(12) <=> b.word(12);
  }

  /// Lower-case hexadecimal, 40 characters.
  [[nodiscard]] std::string text() const;
  /// The first eight characters of `text()`: for people, not for comparing.
  [[nodiscard]] std::string short_text() const;
  /// The id that `text()` printed, or none.
  [[nodiscard]] static std::optional<node_id> parse(std::string_view text);

private:
  [[nodiscard]] std::uint64_t word(std::size_t from) const noexcept {
    return octet_word(octets.data() + from);
  }
};

/// Which life of a node: strictly increasing over all process starts of one `node_id`
/// (at least the start's wall time in milliseconds). Zero means "unknown".
enum class boot_epoch : std::uint64_t {};

/// One life of one node in one group: BLAKE2b-64(group || node || epoch). What clocks count by.
enum class member_tag : std::uint64_t {};

/// A group's id: BLAKE2b-128 of cluster name and group name, with their lengths.
struct group_id {
  std::array<std::uint8_t, 16> octets{};
  friend auto operator<=>(const group_id&, const group_id&) = default;
  [[nodiscard]] std::string text() const;
};

/// A node in one of its lives.
struct incarnation {
  node_id node;
  boot_epoch epoch{};
  friend auto operator<=>(const incarnation&, const incarnation&) = default;
};

/// The n-th message of one sender, from 1 without holes. Zero means "none yet".
using sequence = std::uint64_t;

[[nodiscard]] constexpr std::uint64_t number(boot_epoch epoch) noexcept {
  return static_cast<std::uint64_t>(epoch);
}
[[nodiscard]] constexpr std::uint64_t number(member_tag tag) noexcept {
  return static_cast<std::uint64_t>(tag);
}

[[nodiscard]] group_id make_group_id(std::string_view cluster, std::string_view name);
[[nodiscard]] member_tag make_member_tag(const group_id& group, const incarnation& who);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, node_id& x) {
  return f(x.octets);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, group_id& x) {
  return f(x.octets);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, incarnation& x) {
  return f(x.node, x.epoch);
}

}  // namespace causerie::protocol
