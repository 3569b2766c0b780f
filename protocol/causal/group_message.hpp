// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/causal/vector_clock.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol::causal {

/// What a broadcast is for. All but `application` change the membership at the place in causal
/// order where they are delivered.
enum class message_kind : std::uint8_t {
  application,
  noop,      ///< Carries causes only, when one message cannot name them all.
  add,       ///< `add_record`: somebody joins.
  leave,     ///< The sender's last message.
  retire,    ///< `retire_record`: a member that is gone loses its clock entry.
  unretire,  ///< `retire_record`: it was not gone, or had sent more.
};

inline constexpr std::size_t causes_max = 64;  ///< Per message.
inline constexpr std::size_t fragments_max = 72;
/// What the causes of one message may take, so that something else fits beside them.
inline constexpr std::size_t cause_bytes_max = 832;

/// A broadcast, or one fragment of it; its sender and number stand in its bundle.
struct group_message {
  message_kind kind = message_kind::application;
  std::uint8_t fragment = 0;   ///< From 0; the first one carries the causes.
  std::uint8_t fragments = 1;  ///< In all.
  std::uint64_t lamport = 0;
  wall_time sent_at{};
  std::vector<clock_entry> causes;  ///< Immediate predecessors of other senders, ascending by tag.
  shared_bytes payload;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, group_message& x) {
  return f(wire::ranged(x.kind, message_kind::application, message_kind::unretire), x.fragment,
           x.fragments, x.lamport, x.sent_at, wire::limited(x.causes, causes_max), x.payload);
}

/// "`who` is a member from here on, and has everything up to `base`": a closed cut that is stable,
/// so that the joiner can never be the only one asked for anything below it.
struct add_record {
  incarnation who;
  vector_clock base;
  /// Of one that adds itself: the founding that it goes on with, or none when it founds.
  member_tag root{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, add_record& x) {
  return f(x.who, x.base, x.root);
}

/// "`who` sent `last` messages and is gone" (or not gone: `unretire`).
struct retire_record {
  incarnation who;
  sequence last = 0;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, retire_record& x) {
  return f(x.who, x.last);
}

}  // namespace causerie::protocol::causal
