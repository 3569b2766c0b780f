// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <asio/experimental/as_tuple.hpp>
#include <asio/use_awaitable.hpp>

namespace causerie::apps {

/// Awaited operations give `[error, ...]` and throw nothing: `co_await
/// timer.async_wait(as_result)`.
inline constexpr auto as_result = asio::experimental::as_tuple(asio::use_awaitable);

}  // namespace causerie::apps
