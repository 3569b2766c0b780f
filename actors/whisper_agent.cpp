// SPDX-License-Identifier: BSL-1.0
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <map>

#include "actors/node_state.hpp"
#include "causerie/caf.hpp"

namespace causerie {
namespace {

struct messages_arrived {};
struct whisper_answered {
  std::uint64_t question = 0;
  actors::channel_port::outcome answer;
};
struct keeping_answered {
  std::uint64_t question = 0;
  std::error_code error;
};
using agent_actor =
    whisper_actor::extend<caf::reacts_to<messages_arrived>, caf::reacts_to<whisper_answered>,
                          caf::reacts_to<keeping_answered>>;

struct agent_state {
  static inline const char* name = "whisper_agent";
  actors::node_handle node;
  std::string channel;
  whisper_listener listener;
  std::map<std::uint64_t, caf::typed_response_promise<whisper_outcome>> promises;
  std::map<std::uint64_t, caf::typed_response_promise<whisper_kept>> promises_to_keep;
  std::uint64_t questions = 0;

  [[nodiscard]] actors::channel_port& port() const { return node->machines.private_port; }
};

}  // namespace
}  // namespace causerie

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::messages_arrived)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::whisper_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::keeping_answered)

namespace causerie {
namespace {

using pointer = agent_actor::stateful_pointer<agent_state>;

template <class Message>
void tell_agent(const caf::actor_addr& agent, Message message) {
  if (const auto handle = caf::actor_cast<caf::actor>(agent))
    caf::anon_send(caf::actor_cast<agent_actor>(handle), std::move(message));
}

void pass_on(pointer self) {
  auto& state = self->state;
  if (!state.listener) return;
  whispers batch{state.channel, {}};
  name_book names{state.node};
  for (auto& [from, what] : state.port().take(state.channel)) {
    private_message message;
    message.sender = what.from;
    message.from = names.of(what.from.node);
    message.position = what.position;
    message.payload = std::move(what.payload);
    batch.messages.push_back(std::move(message));
  }
  if (!batch.messages.empty()) caf::anon_send(state.listener, std::move(batch));
}

caf::typed_response_promise<whisper_outcome> pose(pointer self, const whisper& message) {
  const auto question = ++self->state.questions;
  auto promise = self->make_response_promise<whisper_outcome>();
  self->state.promises.emplace(question, promise);
  self->state.port().send(
      {{message.peer, self->state.channel},
       message.payload,
       message.within,
       [agent = self->address(), question](actors::channel_port::outcome answer) {
         tell_agent(agent, whisper_answered{question, std::move(answer)});
       },
       std::nullopt,
       {}});
  return promise;
}

caf::typed_response_promise<whisper_kept> pose(pointer self, const durable_whisper& message) {
  const auto question = ++self->state.questions;
  auto promise = self->make_response_promise<whisper_kept>();
  self->state.promises_to_keep.emplace(question, promise);
  const auto answered = [agent = self->address(), question](std::error_code error) {
    tell_agent(agent, keeping_answered{question, error});
  };
  self->state.port().send({.to = {message.peer, self->state.channel},
                           .payload = message.payload,
                           .within = message.within,
                           .done =
                               [answered](const actors::channel_port::outcome& what) {
                                 answered(what ? make_error_code(protocol_errc::closed)
                                               : what.error());
                               },
                           .deadline = std::nullopt,
                           .kept = [answered] { answered({}); }});
  return promise;
}

/// The first answer counts; the message's own outcome comes too late to.
void answer(pointer self, const keeping_answered& message) {
  const auto found = self->state.promises_to_keep.find(message.question);
  if (found == self->state.promises_to_keep.end()) return;
  if (message.error)
    found->second.deliver(caf::make_error(caf::sec::runtime_error, message.error.message()));
  else
    found->second.deliver(whisper_kept{});
  self->state.promises_to_keep.erase(found);
}

void answer(pointer self, const whisper_answered& message) {
  const auto found = self->state.promises.find(message.question);
  if (found == self->state.promises.end()) return;
  if (message.answer)
    found->second.deliver(whisper_outcome{static_cast<delivery>(*message.answer)});
  else
    found->second.deliver(
        caf::make_error(caf::sec::runtime_error, message.answer.error().message()));
  self->state.promises.erase(found);
}

// `delivery` is the public name of the protocol's outcomes.
static_assert(static_cast<int>(delivery::delivered) ==
              static_cast<int>(protocol::send_outcome::delivered));
static_assert(static_cast<int>(delivery::not_sent) ==
              static_cast<int>(protocol::send_outcome::not_sent));
static_assert(static_cast<int>(delivery::unknown) ==
              static_cast<int>(protocol::send_outcome::unknown));

agent_actor::behavior_type agent(pointer self, actors::node_handle node, std::string channel) {
  self->state.node = std::move(node);
  self->state.channel = std::move(channel);
  self->set_down_handler([self](caf::down_msg& down) {
    if (self->state.listener && down.source == self->state.listener.address())
      self->state.listener = nullptr;
  });
  return {
      [=](const whisper& message) { return pose(self, message); },
      [=](const durable_whisper& message) { return pose(self, message); },
      [=](const listen& message) {
        self->state.listener = message.listener;
        self->monitor(message.listener);
        self->state.port().subscribe(self->state.channel, [agent = self->address()] {
          tell_agent(agent, messages_arrived{});
        });
        pass_on(self);
      },
      [=](const commit_whispers& message) {
        self->state.port().commit({message.peer, self->state.channel}, message.up_to);
      },
      [=](const messages_arrived&) { pass_on(self); },
      [=](const whisper_answered& message) { answer(self, message); },
      [=](const keeping_answered& message) { answer(self, message); },
  };
}

}  // namespace

whisper_actor whisper_channel(node& at, std::string channel) {
  auto& internals = at.internals();
  return internals.system.spawn(agent, internals.core.context(), std::move(channel));
}

}  // namespace causerie
