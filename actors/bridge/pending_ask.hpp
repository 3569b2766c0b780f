// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include "actors/bridge/hub.hpp"
#include "actors/bridge/wake_signal.hpp"
#include "caf/actor_cast.hpp"
#include "caf/mailbox_element.hpp"
#include "caf/message.hpp"
#include "caf/message_id.hpp"
#include "protocol/result.hpp"
#include "protocol/time.hpp"

namespace causerie::actors {

/// One question of a coroutine that waits for an actor's answer. Lives in the coroutine's frame;
/// the hub knows it until it is answered or destroyed.
class pending_ask {
public:
  pending_ask(const hub& through, asio::any_io_executor executor);
  ~pending_ask();
  pending_ask(const pending_ask&) = delete;
  pending_ask& operator=(const pending_ask&) = delete;

  /// False: the hub is closed.
  [[nodiscard]] bool open() const noexcept { return id_.is_request(); }
  [[nodiscard]] caf::message_id id() const noexcept { return id_; }
  /// Puts the question into an actor's mailbox.
  template <class Handle, class... Ts>
  void put_to(const Handle& whom, Ts&&... question) {
    caf::actor_cast<caf::abstract_actor*>(whom)->enqueue(
        caf::make_mailbox_element(hub_, id_, {}, std::forward<Ts>(question)...), nullptr);
  }
  /// The answer, which may be a `caf::error`, or why there is none; see `ask` for the errors.
  [[nodiscard]] asio::awaitable<protocol::result<caf::message>> answer(protocol::duration within);

  // The hub's, under its lock; each at most once, and never both.
  void on_answer(caf::message answer);
  void on_closed();

private:
  caf::strong_actor_ptr hub_;
  wake_signal settled_;
  std::optional<caf::message> answer_;
  caf::message_id id_;
};

}  // namespace causerie::actors
