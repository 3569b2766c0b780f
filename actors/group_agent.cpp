// SPDX-License-Identifier: BSL-1.0
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <map>

#include "actors/node_state.hpp"
#include "causerie/caf.hpp"

namespace causerie {
namespace {

struct events_arrived {};
struct publish_answered {
  std::uint64_t question = 0;
  result<message_id> answer;
};

/// The agent's own two messages beside what its users may send.
using agent_actor =
    group_actor::extend<caf::reacts_to<events_arrived>, caf::reacts_to<publish_answered>>;

struct agent_state {
  static inline const char* name = "group_agent";
  std::shared_ptr<actors::group_room> room;
  group_listener listener;
  std::map<std::uint64_t, caf::typed_response_promise<message_id>> promises;
  std::uint64_t questions = 0;
};

}  // namespace
}  // namespace causerie

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::events_arrived)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::publish_answered)

namespace causerie {
namespace {

using pointer = agent_actor::stateful_pointer<agent_state>;

/// Calls from the orderer's thread reach the agent as messages, for as long as it lives.
template <class Message>
void tell_agent(const caf::actor_addr& agent, Message message) {
  if (const auto handle = caf::actor_cast<caf::actor>(agent))
    caf::anon_send(caf::actor_cast<agent_actor>(handle), std::move(message));
}

void pass_on(pointer self) {
  if (!self->state.listener) return;  // What nobody listens to keeps its place in the port.
  auto events = self->state.room->port.take();
  if (events.empty()) return;
  caf::anon_send(self->state.listener,
                 delivered_events{self->state.room->port.config().name, std::move(events)});
}

caf::typed_response_promise<message_id> pose(pointer self, const publish& message) {
  const auto question = ++self->state.questions;
  auto promise = self->make_response_promise<message_id>();
  self->state.promises.emplace(question, promise);
  self->state.room->port.send({message.payload, message.within,
                               [agent = self->address(), question](result<message_id> answer) {
                                 tell_agent(agent, publish_answered{question, std::move(answer)});
                               },
                               std::nullopt});
  return promise;
}

void answer(pointer self, const publish_answered& message) {
  const auto found = self->state.promises.find(message.question);
  if (found == self->state.promises.end()) return;
  if (message.answer)
    found->second.deliver(*message.answer);
  else
    found->second.deliver(
        caf::make_error(caf::sec::runtime_error, message.answer.error().message()));
  self->state.promises.erase(found);
}

agent_actor::behavior_type agent(pointer self, std::shared_ptr<actors::group_room> room) {
  self->state.room = std::move(room);
  self->state.room->port.on_events(
      [agent = self->address()] { tell_agent(agent, events_arrived{}); });
  self->set_down_handler([self](caf::down_msg& down) {
    if (self->state.listener && down.source == self->state.listener.address())
      self->state.listener = nullptr;
  });
  return {
      [=](const publish& message) { return pose(self, message); },
      [=](const subscribe& message) {
        self->state.listener = message.listener;
        self->monitor(message.listener);
        pass_on(self);
      },
      [=](const commit_events& message) { self->state.room->port.commit(message.up_to); },
      [=](const leave_group&) { self->state.room->port.leave(); },
      [=](const events_arrived&) { pass_on(self); },
      [=](const publish_answered& message) { answer(self, message); },
  };
}

}  // namespace

group_actor join(node& at, std::string group, join_options options) {
  auto& internals = at.internals();
  auto room =
      internals.core.open_group(internals.config_of(std::move(group), options), internals.now());
  if (!room) return {};
  return internals.system.spawn(agent, std::move(*room));
}

}  // namespace causerie
