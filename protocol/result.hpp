// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <system_error>

#include <tl/expected.hpp>

#include "protocol/errors.hpp"

namespace causerie::protocol {

/// A value or the reason why there is none. Never ignored silently: mark functions [[nodiscard]].
template <class Value>
using result = tl::expected<Value, std::error_code>;

/// Makes the failing side of a `result`: `return failure(protocol_errc::would_block);`
template <class Errc>
[[nodiscard]] tl::unexpected<std::error_code> failure(Errc code) {
  return tl::unexpected<std::error_code>{std::error_code{code}};
}

}  // namespace causerie::protocol
