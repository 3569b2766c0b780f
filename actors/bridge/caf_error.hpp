// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <system_error>

#include "caf/error.hpp"
#include "caf/sec.hpp"

namespace causerie::actors {

/// Errors of CAF itself: `caf::sec` values as they are; exit reasons from 1000 on.
[[nodiscard]] const std::error_category& caf_category() noexcept;

[[nodiscard]] std::error_code to_error_code(caf::sec code) noexcept;

/// What an actor answered, for people who do not know CAF. Protocol and system errors come back
/// as they were given to `to_caf_error`; `caf::sec::request_timeout` is `protocol_errc::timed_out`;
/// a category of somebody else's becomes `caf::sec::runtime_error`.
[[nodiscard]] std::error_code to_error_code(const caf::error& error) noexcept;

/// An error for an actor to answer with. Protocol and system errors keep their value; others
/// become `caf::sec::runtime_error` with the message as context.
[[nodiscard]] caf::error to_caf_error(std::error_code code);

}  // namespace causerie::actors
