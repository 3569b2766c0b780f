// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

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

/// One handler's work: `work` on the machine, then `flush` of what it says. Nothing thrown may
/// leave a handler: a machine that found its own invariant broken, or threw, is left in half a
/// step, and nobody goes on with it (see `begin_new_life`).
template <class Self, class Work, class Flush>
void step(Self* self, const node_handle& node, actor_post& post, Work&& work, Flush&& flush) {
  const at_post here{post};
  try {
    work();
    if (post.sabotaged.load(std::memory_order_relaxed) && post.sabotaged.exchange(false))
      protocol::invariant_failed("not sabotaged", __FILE__, __LINE__);
    flush();
    post.mailbox.store(self->mailbox().size(), std::memory_order_relaxed);
  } catch (const std::exception& broken) {
    node->poison(post, broken.what());
    self->quit(caf::exit_reason::unhandled_exception);
  }
}

/// When a machine breaks among commands that were taken out of a port, those who wait for an answer
/// are given this one.
template <class Commands, class Answer>
class unanswered_at_failure {
public:
  unanswered_at_failure(Commands& commands, Answer answer)
      : commands_{commands}, answer_{std::move(answer)} {}
  ~unanswered_at_failure() {
    if (std::uncaught_exceptions() == failing_) return;
    for (auto& command : commands_)
      if (command.done) command.done(answer_);
  }
  unanswered_at_failure(const unanswered_at_failure&) = delete;
  unanswered_at_failure& operator=(const unanswered_at_failure&) = delete;

private:
  Commands& commands_;
  Answer answer_;
  int failing_ = std::uncaught_exceptions();
};

}  // namespace causerie::actors
