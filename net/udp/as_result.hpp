// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <asio/use_awaitable.hpp>

// Asio 1.24 moved it; Debian 12 has the older place (1.22.1), Debian 13 the newer (1.30.2).
#if __has_include(<asio/as_tuple.hpp>)
#include <asio/as_tuple.hpp>
#else
#include <asio/experimental/as_tuple.hpp>
#endif

namespace causerie::net {

#if __has_include(<asio/as_tuple.hpp>)
using asio::as_tuple;
#else
using asio::experimental::as_tuple;
#endif

/// Awaited operations give `[error, ...]` and throw nothing: `co_await
/// timer.async_wait(as_result)`.
inline constexpr auto as_result = as_tuple(asio::use_awaitable);

}  // namespace causerie::net
