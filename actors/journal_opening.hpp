// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <memory>

#include "actors/identity_store.hpp"
#include "actors/journal_desk.hpp"

namespace causerie::actors {

/// Opens the journal in `data`, or makes one; none without a folder. Raises the epoch of `who`
/// above every one that the journal knows. `may_have_moved`: see journal::opening_request. Throws
/// std::system_error: what failed, why, and the way out.
[[nodiscard]] std::shared_ptr<journal_desk> open_journal(const std::filesystem::path& data,
                                                         bool sync_every_commit,
                                                         bool may_have_moved, node_identity& who);

}  // namespace causerie::actors
