// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "caf/all.hpp"

namespace causerie::actors::testing {

/// Answers in every way that an actor can. Functors are always spawned with an argument: without,
/// CAF 0.17 dereferences a null pointer, and a libstdc++ with assertions aborts.
using oracle = caf::typed_actor<
    caf::replies_to<std::uint64_t>::with<std::uint64_t>,                 // One more.
    caf::replies_to<caf::get_atom, std::uint64_t>::with<std::uint64_t>,  // Keeps its promise.
    caf::replies_to<caf::add_atom, std::uint64_t>::with<std::uint64_t>,  // An error.
    caf::replies_to<caf::put_atom, std::uint64_t>::with<void>>;          // Nothing but "done".

struct oracle_state {
  std::vector<caf::typed_response_promise<std::uint64_t>> kept;
  std::uint64_t put = 0;
};

inline oracle::behavior_type make_oracle(oracle::stateful_pointer<oracle_state> self,
                                         std::uint64_t plus) {
  return {[plus](std::uint64_t x) { return x + plus; },
          [self](caf::get_atom, std::uint64_t) {
            self->state.kept.push_back(self->make_response_promise<std::uint64_t>());
            return self->state.kept.back();
          },
          [](caf::add_atom, std::uint64_t) -> caf::result<std::uint64_t> {
            return caf::make_error(caf::sec::invalid_argument);
          },
          [self](caf::put_atom, std::uint64_t x) { self->state.put = x; }};
}

/// A row of actors, each of which hands the question to the next one; the last answers.
using hop = caf::typed_actor<caf::replies_to<std::uint64_t>::with<std::uint64_t>>;
inline hop::behavior_type make_chain(hop::pointer self, int left) {
  if (left == 0) return {[](std::uint64_t x) { return x + 1; }};
  auto next = self->spawn(make_chain, left - 1);
  self->link_to(next);
  return {[=](std::uint64_t x) { return self->delegate(next, x); }};
}

/// Counts its own ticks and quits after the last.
inline caf::behavior make_ticker(caf::event_based_actor* self, std::chrono::nanoseconds every,
                                 int left, std::atomic<int>* ticks) {
  self->delayed_send(self, every, caf::tick_atom_v);
  auto remaining = std::make_shared<int>(left);
  return {[=](caf::tick_atom) {
    ++*ticks;
    if (--*remaining == 0) {
      self->quit();
    } else {
      self->delayed_send(self, every, caf::tick_atom_v);
    }
  }};
}

}  // namespace causerie::actors::testing
