// SPDX-License-Identifier: BSL-1.0
// The private channels of a node, as applications use them.
#include "actors/completion.hpp"
#include "actors/node_state.hpp"

namespace causerie {

using protocol::failure;

std::shared_ptr<private_inbox> node::state::inbox_of(const std::string& channel) {
  auto& inbox = inboxes[channel];
  if (!inbox) {
    inbox = std::make_shared<private_inbox>(io.get_executor());
    const std::weak_ptr<private_inbox> weak = inbox;
    core.private_port().subscribe(channel, [weak] {
      if (const auto box = weak.lock()) box->arrived.ring();
    });
  }
  return inbox;
}

asio::awaitable<result<delivery>> node::send(node_id peer, shared_bytes payload,
                                             std::string channel, duration within) {
  auto& port = state_->core.private_port();
  auto outcome = co_await actors::answered<actors::channel_port::outcome>([&](auto done) {
    port.send({{peer, std::move(channel)}, std::move(payload), within, std::move(done), {}});
  });
  if (!outcome) co_return tl::unexpected{outcome.error()};
  switch (*outcome) {
    case protocol::send_outcome::delivered: co_return delivery::delivered;
    case protocol::send_outcome::not_sent: co_return delivery::not_sent;
    case protocol::send_outcome::unknown: break;
  }
  co_return delivery::unknown;
}

asio::awaitable<result<void>> node::post(node_id peer, shared_bytes payload, std::string channel,
                                         duration within) {
  auto& port = state_->core.private_port();
  co_return co_await actors::answered<result<void>>([&](auto done) {
    // Whichever comes first answers; the message's own outcome comes too late to.
    auto answer = [done = std::move(done),
                   told = std::make_shared<bool>(false)](auto what) mutable {
      if (!std::exchange(*told, true)) done(std::move(what));
    };
    auto kept = answer;
    port.send({.to = {peer, std::move(channel)},
               .payload = std::move(payload),
               .within = within,
               .done =
                   [answer](actors::channel_port::outcome what) mutable {
                     answer(what ? result<void>{failure(protocol_errc::closed)}
                                 : result<void>{tl::unexpected{what.error()}});
                   },
               .deadline = {},
               .kept = [kept]() mutable { kept(result<void>{}); }});
  });
}

void node::give_up(node_id peer, std::string channel) {
  state_->core.private_port().give_up({peer, std::move(channel)});
}

asio::awaitable<result<private_message>> node::receive(std::string channel) {
  const auto inbox = state_->inbox_of(channel);
  auto& port = state_->core.private_port();
  if (inbox->uncommitted) {
    port.commit(inbox->uncommitted->first, inbox->uncommitted->second);
    inbox->uncommitted.reset();
  }
  while (inbox->waiting.empty()) {
    for (auto& each : port.take(channel)) inbox->waiting.push_back(std::move(each));
    if (!inbox->waiting.empty()) break;
    if (const auto error = co_await inbox->arrived.wait()) co_return tl::unexpected{error};
    if (inbox->closed) co_return failure(protocol_errc::closed);  // The node is gone.
  }
  auto [from, what] = std::move(inbox->waiting.front());
  inbox->waiting.pop_front();
  inbox->uncommitted = {from, what.position};
  private_message received;
  received.sender = what.from;
  received.from = state_->names.of(what.from.node);
  received.position = what.position;
  received.payload = std::move(what.payload);
  co_return received;
}

}  // namespace causerie
