// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "apps/checker/history.hpp"
#include "apps/trace/run.hpp"

namespace causerie::trace {

/// What histories tell (schema `causerie.history/1`), in order and linked.
[[nodiscard]] run run_of(const std::vector<checker::history>& lives, std::string title);

/// Why a file is no run.
struct unreadable {
  std::filesystem::path file;
  std::size_t line = 0;  ///< 0: the file as a whole.
  std::string why;
};

/// Reads a run back: the trace of a simulated day (`sim run --trace FILE`), a history file, or a
/// folder of them (`demo --keep DIR`). A torn last line is left out. Throws `unreadable`.
[[nodiscard]] run read_run(const std::filesystem::path& from);

}  // namespace causerie::trace
