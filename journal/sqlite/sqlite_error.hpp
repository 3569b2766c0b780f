// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <system_error>

namespace causerie::journal {

/// What SQLite's extended result `code` means to a journal; `system` is the errno behind it, or 0.
[[nodiscard]] std::error_code journal_error(int code, int system) noexcept;

}  // namespace causerie::journal
