// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <system_error>

namespace causerie::journal {

/// Why a journal refused something. Values are stable: they are shown to scripts.
enum class journal_errc {
  ok = 0,
  disk_full = 1,    ///< Nothing was kept of this commit, everything before it is; try again later.
  sync_failed = 2,  ///< The system lost writes that it had taken. Final: no retry is honest.
  io_failed = 3,    ///< A read or a write failed. Final.
  poisoned = 4,     ///< Refused, since an earlier failure was final.
  corrupted = 5,    ///< The file is damaged; it is left as it is, and can be repaired into another.
  newer_version = 6,  ///< Written by a later version of causerie.
  not_a_journal = 7,  ///< A file of somebody else's.
  foreign_node = 8,   ///< The journal of another node.
  in_use = 9,         ///< Another process has it open.
  conflict = 10,      ///< A batch contradicts what is kept; nothing of it was. A bug of the caller.
  too_large = 11,     ///< A name, a key or a value beyond its bound.
  cannot_open = 12,   ///< No such folder, no permission, or read-only.
  moved = 13,         ///< Moved, restored or copied since its last life; may be used elsewhere too.
};

[[nodiscard]] const std::error_category& journal_category() noexcept;
[[nodiscard]] inline std::error_code make_error_code(journal_errc code) noexcept {
  return {static_cast<int>(code), journal_category()};
}

/// Whether nothing more may be acknowledged after `error`: the node leaves and its process ends
/// with status 74. After any other error the journal goes on as if the call had not been made.
[[nodiscard]] bool is_final(const std::error_code& error) noexcept;

}  // namespace causerie::journal

template <>
struct std::is_error_code_enum<causerie::journal::journal_errc> : std::true_type {};
