// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <istream>
#include <vector>

#include "apps/checker/history.hpp"

namespace causerie::checker {

struct histories_read {
  std::vector<history> lives;  ///< In the order in which they begin in the file.
  std::size_t lines = 0;
  std::size_t lines_unreadable = 0;  ///< Other than a torn last one: such a file proves nothing.
  bool torn = false;  ///< The last line had no end: its writer was killed in the write.
};

/// Reads what history_writer wrote. A torn last line is left out: what it would have said had not
/// happened yet.
[[nodiscard]] histories_read read_histories(std::istream& in);
/// Throws std::system_error when the file cannot be opened.
[[nodiscard]] histories_read read_histories(const std::filesystem::path& file);

}  // namespace causerie::checker
