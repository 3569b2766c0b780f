// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "protocol/address.hpp"
#include "protocol/ids.hpp"
#include "protocol/membership/member_view.hpp"
#include "protocol/wire/codec.hpp"

namespace causerie::protocol::swim {

inline constexpr std::size_t name_bytes_max = 64;
/// Far more than an honest member needs in one life; a claim above it is malformed, so that an
/// accusation can always be answered by one more.
inline constexpr std::uint32_t refutations_max = std::uint32_t{1} << 30;

struct member_profile {
  std::string name;
  socket_address address;
};

/// What is said about one life of one member. Order: the higher (epoch, refutations) wins; of
/// equals Left beats Dead beats Suspect beats Alive (SWIM, section 4.2). Signatures of the subject
/// and the accuser belong into the datagram's extension field.
struct member_record {
  member_state state{};
  incarnation who;
  std::uint32_t refutations = 0;
  std::optional<member_profile>
      profile;           ///< Always in Alive; in the others when tables are merged.
  node_id accuser;       ///< Suspect and Dead only, as is
  bool refused = false;  ///< that the accuser was told that nobody listens at the address.
};

/// One node says that it is in a group, or no more. The higher (epoch, version) wins.
struct presence_record {
  incarnation who;
  group_id group;
  std::uint64_t version = 0;
  bool present = false;
};

/// The place of a record in a node's ordered state: a member's own record (group all zero) comes
/// before its presences.
struct record_key {
  node_id node;
  group_id group;
  friend auto operator<=>(const record_key&, const record_key&) = default;

  [[nodiscard]] static record_key end() noexcept {
    record_key key;
    key.node.octets.fill(0xff);
    key.group.octets.fill(0xff);
    return key;
  }
};

/// All keys k with first <= k < end.
struct key_range {
  record_key first;
  record_key end;
  friend bool operator==(const key_range&, const key_range&) = default;

  [[nodiscard]] static key_range all() noexcept { return {record_key{}, record_key::end()}; }
  [[nodiscard]] bool contains(const record_key& key) const noexcept {
    return first <= key && key < end;
  }
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, member_profile& x) {
  return f(wire::limited(x.name, name_bytes_max), x.address);
}
template <class Inspector>
bool inspect(Inspector& f, member_record& x) {
  if (!f(wire::ranged(x.state, member_state::alive, member_state::left), x.who, x.refutations,
         x.profile))
    return false;
  const auto accused = x.state == member_state::suspect || x.state == member_state::dead;
  return !accused || f(x.accuser, x.refused);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, presence_record& x) {
  return f(x.who, x.group, x.version, x.present);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, record_key& x) {
  return f(x.node, x.group);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, key_range& x) {
  return f(x.first, x.end);
}

}  // namespace causerie::protocol::swim
