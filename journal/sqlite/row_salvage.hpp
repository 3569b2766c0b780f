// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <functional>

#include "journal/row_store.hpp"
#include "journal/sqlite/page_file.hpp"

namespace causerie::journal {

/// What could be read.
struct salvage_report {
  std::uint64_t rows = 0;
  std::uint64_t damaged_rows = 0;  ///< Seen, and not what was written.
  /// The list of unused pages is broken too, so that what had been deleted may be among the rows.
  bool doubtful = false;
};

using salvage_visitor = std::function<std::error_code(table, const row_view&)>;

/// Shows every row of ours that is whole on a page in use, wherever it lies and whatever became of
/// the trees above it: a row's checksum says which table it belongs to. Stops at an error of
/// `take`.
[[nodiscard]] result<salvage_report> salvage_rows(page_file& pages, const salvage_visitor& take);

}  // namespace causerie::journal
