// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <type_traits>
#include <utility>

#include <asio/awaitable.hpp>
#include <asio/this_coro.hpp>

#include "actors/bridge/caf_error.hpp"
#include "actors/bridge/hub.hpp"
#include "actors/bridge/pending_ask.hpp"
#include "caf/response_type.hpp"
#include "caf/typed_actor.hpp"
#include "protocol/errors.hpp"
#include "protocol/result.hpp"
#include "protocol/time.hpp"

namespace causerie::actors {
namespace detail {

/// What a typed actor answers to these messages; not valid when it does not take them.
template <class Handle, class... Ts>
using answer_to = caf::response_type_unbox<
    caf::signatures_of_t<Handle>,
    caf::detail::type_list<typename caf::detail::implicit_conversions<std::decay_t<Ts>>::type...>>;

template <class Answer>
[[nodiscard]] protocol::result<Answer> decode(caf::message message) {
  if (message.match_elements<caf::error>())
    return protocol::failure(to_error_code(message.get_as<caf::error>(0)));
  if constexpr (std::is_void_v<Answer>) {
    if (message.empty() || message.match_elements<caf::unit_t>()) return {};
  } else {
    if (message.match_elements<Answer>()) return std::move(message.get_mutable_as<Answer>(0));
  }
  return protocol::failure(to_error_code(caf::sec::unexpected_response));
}

}  // namespace detail

/// Asks an actor from a coroutine: `co_await ask<Answer>(hub, actor, 1s, atom_v, value)`. `Answer`
/// is void for actors that answer nothing but "done". The coroutine goes on where it was.
///
/// Errors: what the actor answered (see `to_error_code`); `protocol_errc::timed_out` after
/// `within` (an actor that drops its promise never answers, so there is no asking without a bound);
/// `caf::sec::request_receiver_down` when it is dead, `caf::sec::invalid_argument` for an empty
/// handle, `protocol_errc::closed` when the hub is, and `asio::error::operation_aborted` when
/// cancelled. The actor may still act on a question that has failed.
///
/// The hub must outlive the call. With several threads on the context, use a strand as ever.
template <class Answer, class Handle, class... Ts>
[[nodiscard]] asio::awaitable<protocol::result<Answer>> ask(const hub& through, Handle whom,
                                                            protocol::duration within,
                                                            Ts... question) {
  static_assert(detail::answer_to<Handle, Ts...>::valid, "this actor takes no such message");
  if (!whom) co_return protocol::failure(to_error_code(caf::sec::invalid_argument));
  pending_ask asked{through, co_await asio::this_coro::executor};
  if (!asked.open()) co_return protocol::failure(protocol::protocol_errc::closed);
  asked.put_to(whom, std::move(question)...);
  auto answer = co_await asked.answer(within);
  if (!answer) co_return protocol::failure(answer.error());
  co_return detail::decode<Answer>(std::move(*answer));
}

}  // namespace causerie::actors
