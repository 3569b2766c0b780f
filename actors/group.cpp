// SPDX-License-Identifier: BSL-1.0
#include "actors/completion.hpp"
#include "actors/node_state.hpp"

namespace causerie {

using protocol::failure;

group::state::state(asio::io_context& context, std::shared_ptr<actors::group_room> joined,
                    std::weak_ptr<actors::node_context> node)
    : io{context},
      room{std::move(joined)},
      arrived{context.get_executor()},
      names{std::move(node)} {}

asio::awaitable<std::error_code> group::state::fetch(
    std::optional<std::chrono::steady_clock::time_point> deadline) {
  while (waiting.empty()) {
    for (auto& event : room->port.take()) waiting.push_back(std::move(event));
    if (!waiting.empty()) break;
    if (error) co_return error;
    const auto woken = deadline ? co_await arrived.wait_until(*deadline) : co_await arrived.wait();
    if (woken) co_return woken;
  }
  if (const auto* ended = std::get_if<protocol::ended_event>(&waiting.front().what))
    error = ended->reason ? ended->reason : make_error_code(protocol_errc::not_a_member);
  co_return std::error_code{};
}

group::group(std::shared_ptr<state> shared) noexcept : state_{std::move(shared)} {}
group::group(group&&) noexcept = default;
group& group::operator=(group&&) noexcept = default;
group::~group() = default;

group::operator bool() const noexcept { return !state_->error; }
std::error_code group::error() const noexcept { return state_->error; }
const std::string& group::name() const noexcept { return state_->name; }

asio::awaitable<result<message_id>> group::send(std::string_view text, duration within) {
  return send(shared_bytes::copy_of(text), within);
}

asio::awaitable<result<message_id>> group::send(shared_bytes payload, duration within) {
  const auto self = state_;
  if (self->error) co_return tl::unexpected{self->error};
  co_return co_await actors::answered<result<message_id>>([&](auto done) {
    self->room->port.send({std::move(payload), within, std::move(done), std::nullopt});
  });
}

asio::awaitable<result<std::vector<node_id>>> group::stable(message_id id, duration within) {
  using answer = result<std::vector<node_id>>;
  const auto self = state_;
  if (self->error) co_return tl::unexpected{self->error};
  struct shared_answer {
    explicit shared_answer(asio::any_io_executor executor) : ready{std::move(executor)} {}
    std::mutex mutex;
    std::optional<answer> value;
    actors::wake_signal ready;
  };
  const auto shared = std::make_shared<shared_answer>(self->io.get_executor());
  self->room->port.on_stable(id, [shared](answer value) {
    {
      const std::lock_guard guard{shared->mutex};
      shared->value = std::move(value);
    }
    shared->ready.ring();
  });
  const auto deadline = std::chrono::steady_clock::now() + within;
  const auto error = co_await shared->ready.wait_until(deadline);
  const std::lock_guard guard{shared->mutex};
  if (shared->value) co_return std::move(*shared->value);
  co_return tl::unexpected{error};
}

asio::awaitable<result<group_event>> group::next() {
  const auto self = state_;
  if (!self->room) co_return tl::unexpected{self->error};
  if (const auto error = co_await self->fetch(std::nullopt)) co_return tl::unexpected{error};
  auto event = std::move(self->waiting.front());
  self->waiting.pop_front();
  co_return event;
}

asio::awaitable<result<message>> group::receive() {
  const auto self = state_;
  if (self->uncommitted != 0) commit(std::exchange(self->uncommitted, 0));
  for (;;) {
    auto event = co_await next();
    if (!event) co_return tl::unexpected{event.error()};
    if (const auto* gap = std::get_if<protocol::gap_event>(&event->what)) {
      for (const auto& range : gap->missing) self->lost += range.last - range.first + 1;
    } else if (auto* said = std::get_if<protocol::message_event>(&event->what)) {
      self->uncommitted = event->position;
      message received;
      received.id = said->id;
      received.from_node = said->id.sender.node;
      received.from = self->names.of(received.from_node);
      received.lamport = said->lamport;
      received.sent_at = std::chrono::system_clock::time_point{said->sent_at.time_since_epoch()};
      received.payload = std::move(said->payload);
      received.lost_before = std::exchange(self->lost, 0);
      received.position = event->position;
      co_return received;
    } else if (std::holds_alternative<protocol::ended_event>(event->what)) {
      co_return tl::unexpected{self->error};
    }
    // Events that `receive` does not show are dealt with by being passed over.
    commit(event->position);
  }
}

void group::commit(protocol::cursor up_to) {
  if (state_->room) state_->room->port.commit(up_to);
}

asio::awaitable<void> group::leave() {
  const auto self = state_;
  if (!self->room || self->error) co_return;
  self->room->port.leave();
  const auto deadline = std::chrono::steady_clock::now() + 6s;
  while (!self->error) {
    if (co_await self->fetch(deadline)) co_return;
    if (self->error) co_return;
    commit(self->waiting.front().position);
    self->waiting.pop_front();
  }
}

}  // namespace causerie
