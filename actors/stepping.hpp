// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <optional>

#include "actors/messages.hpp"
#include "actors/node_context.hpp"
#include "protocol/assert.hpp"

namespace causerie::actors {

/// The node's time as the actor's clock has it: the simulator's, or the steady clock.
template <class Self>
[[nodiscard]] protocol::instant now(Self* self) {
  return protocol::instant{
      std::chrono::duration_cast<protocol::duration>(self->clock().now().time_since_epoch())};
}

/// Enters an actor into the roster, before its first step: on another thread that step may come
/// before its guardian's own entry, and whoever looked up its predecessor since then would have
/// called, or answered, nobody.
template <class Handle, class Self>
void enlist(Self* self, roster& staff) {
  staff.set(caf::actor_cast<Handle>(self));
}

/// At most one live timer per actor. CAF 0.17 cannot cancel a delayed message, so a message names
/// the deadline it was armed for and a stale one is ignored; arming only ever moves it earlier.
class deadline_timer {
public:
  template <class Self>
  void arm(Self* self, std::optional<protocol::instant> deadline, protocol::instant at) {
    if (!deadline || (armed_ && *armed_ <= *deadline)) return;
    armed_ = deadline;
    self->delayed_send(self, std::max(*deadline - at, protocol::duration{0}),
                       deadline_reached{*deadline});
  }
  /// True when this is the timer armed last: then the machine's deadline may have come.
  [[nodiscard]] bool fired(const deadline_reached& message) noexcept {
    if (armed_ != message.at) return false;
    armed_.reset();
    return true;
  }

private:
  std::optional<protocol::instant> armed_;
};

[[nodiscard]] inline std::optional<protocol::instant> earlier(
    std::optional<protocol::instant> a, std::optional<protocol::instant> b) noexcept {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

/// One handler's work on a machine. Nothing thrown may leave a handler: a machine that found its
/// own invariant broken ends the actor, and the guardian decides about the node.
template <class Self, class Work>
void step(Self* self, const node_handle& node, const char* who, std::atomic<std::size_t>& mailbox,
          Work&& work) {
  try {
    work();
    mailbox = self->mailbox().size();
  } catch (const protocol::broken_invariant& broken) {
    node->occurred("actor", {{"path", who}, {"what", "poisoned"}, {"why", broken.what()}});
    if (node->environment.on_failure)
      node->environment.on_failure(std::string{who} + ": " + broken.what());
    self->quit(caf::exit_reason::unhandled_exception);
  }
}

}  // namespace causerie::actors
