// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string>

#include "journal/record.hpp"
#include "protocol/wire/codec.hpp"

/// The values of rows, in the wire format. What a row means is said at its record; keys are made in
/// `journal_keys.hpp`. A field joins at the end with a new schema version, or not at all.
namespace causerie::journal {

struct group_row {
  std::string name;
  incarnation self;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, group_row& x) {
  return f(x.name, x.self);
}

struct bundle_row {
  sequence last = 0;
  wall_time at{};
  shared_bytes body;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, bundle_row& x) {
  return f(x.last, x.at, x.body);
}

struct member_row {
  incarnation who;
  member_standing standing{};
  sequence last = 0;
  member_tag root{};
  std::uint64_t owed = 0;  ///< From where on, as `owed_number` writes it.
};
/// 0: from the first message on, 1: nothing, else the number: the former two are a truth value, as
/// the first schema had it.
[[nodiscard]] constexpr std::uint64_t owed_number(sequence from) noexcept {
  return from <= 1 ? 0 : from == owes_nothing ? 1 : from;
}
[[nodiscard]] constexpr sequence owed_from(std::uint64_t number) noexcept {
  return number == 0 ? 1 : number == 1 ? owes_nothing : number;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, member_row& x) {
  return f(x.who,
           protocol::wire::ranged(x.standing, member_standing::present,
                                  member_standing::left_and_retired),
           x.last, x.root, x.owed);
}

struct event_row {
  clock_entry message;
  shared_bytes event;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, event_row& x) {
  return f(x.message, x.event);
}

struct number_row {
  std::uint64_t value = 0;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, number_row& x) {
  return f(x.value);
}

struct channel_row {
  std::uint64_t cid = 0;
  std::uint64_t generation = 0;
  sequence next = 1;
  boot_epoch life{};
  std::uint64_t position = 0;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, channel_row& x) {
  return f(protocol::wire::fixed(x.cid), x.generation, x.next, x.life, x.position);
}

}  // namespace causerie::journal
