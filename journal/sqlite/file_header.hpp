// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "protocol/result.hpp"

namespace causerie::journal {

/// "caus": what our files say they are (SQLite's application id).
inline constexpr std::uint32_t application_id = 0x63617573;
/// What this program writes. A later version is refused, an earlier one brought up to date.
inline constexpr std::uint32_t schema_version = 3;
/// From which version on there is a table `recent`.
inline constexpr std::uint32_t schema_with_recent = 2;
inline constexpr std::uint32_t page_bytes = 4096;

enum class file_kind : std::uint8_t {
  absent,      ///< No such file, or an empty one.
  unfinished,  ///< SQLite's, and nobody's yet: a crash came while it was made.
  journal,
  newer,  ///< A journal of a later version.
  foreign,
};

/// Reads the first hundred bytes and touches nothing: opening a database may roll a log into it.
[[nodiscard]] protocol::result<file_kind> look_at(const std::filesystem::path& file,
                                                  const std::string& vfs);

}  // namespace causerie::journal
