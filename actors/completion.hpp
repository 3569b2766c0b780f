// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <memory>
#include <utility>

#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

namespace causerie::actors {

/// Awaits an answer that comes by a callback, from any thread: `start` is called with a function
/// that must be called exactly once, or never when the io_context ends first. The coroutine goes
/// on where it was.
template <class Answer, class Start>
[[nodiscard]] asio::awaitable<Answer> answered(Start start) {
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Answer)>(
      [](auto handler, Start begin) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto executor = asio::get_associated_executor(*shared);
        begin([shared, executor](Answer answer) {
          asio::post(executor, [shared, answer = std::move(answer)]() mutable {
            std::move (*shared)(std::move(answer));
          });
        });
      },
      asio::use_awaitable, std::move(start));
}

}  // namespace causerie::actors
