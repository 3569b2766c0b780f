// SPDX-License-Identifier: BSL-1.0
#include "actors/clerk.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/application_desk.hpp"
#include "actors/stepping.hpp"

namespace causerie::actors {
namespace {

struct clerk_state {
  static inline const char* name = "clerk";
  node_handle node;
  std::shared_ptr<application_desk> desk;
  deadline_timer timer;
};
using pointer = clerk_actor::stateful_pointer<clerk_state>;

void tell_people(pointer self) {
  const auto& desk = *self->state.desk;
  for (const auto& letter : self->state.desk->take_news())
    self->state.node->occurred(
        "application",
        {{"path", desk.post.path},
         {"what", "dead letter"},
         {"message", desk.room()->port.config().name + "/" + letter.id.sender.node.short_text() +
                         ":" + std::to_string(letter.id.number)},
         {"cursor", std::to_string(letter.position)},
         {"why", letter.why}});
}

/// The answer comes as a message, so that a kill may come before it: then it counts for nothing.
void begin_next(pointer self) {
  auto& [node, desk, timer] = self->state;
  tell_people(self);
  if (const auto task = desk->next(now(self))) {
    const std::weak_ptr<node_context> weak = node;
    desk->handler()(*task, [weak, name = desk->name(), ticket = task->ticket](work_result result) {
      const auto alive = weak.lock();
      if (alive)
        tell(alive->staff.clerk(name),
             work_ended{ticket, std::make_shared<work_result>(std::move(result))});
    });
  }
  timer.arm(self, desk->retry_at(), now(self));
}

void finish(pointer self, const work_ended& message) {
  auto& [node, desk, timer] = self->state;
  const std::weak_ptr<node_context> weak = node;
  desk->finish(message.ticket, *message.result, node->machines.private_port, now(self),
               [weak, name = desk->name()] {
                 if (const auto alive = weak.lock()) tell(alive->staff.clerk(name), work_waits{});
               });
}

clerk_actor::behavior_type clerk(pointer self, node_handle node,
                                 std::shared_ptr<application_desk> desk) {
  self->state.node = node;
  self->state.desk = desk;
  node->staff.set(desk->name(), caf::actor_cast<clerk_actor>(self));  // As `enlist`.
  desk->reopen();
  // What the application throws is its own affair and was caught; here only our own can fail.
  const auto at_work = [self](auto work) {
    step(
        self, self->state.node, self->state.desk->post, [&] { work(); }, [&] { begin_next(self); });
  };
  at_work([] {});
  return {
      [=](const work_waits&) { at_work([] {}); },
      [=](const work_ended& message) { at_work([&] { finish(self, message); }); },
      [=](const deadline_reached& message) {
        if (self->state.timer.fired(message)) at_work([] {});
      },
      [=](const colleague_restarted&) {},
  };
}

}  // namespace

clerk_actor spawn_clerk(const node_handle& node, const std::shared_ptr<application_desk>& desk) {
  return node->environment.system->spawn(clerk, node, desk);
}

}  // namespace causerie::actors
