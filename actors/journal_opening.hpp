// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <memory>

#include "actors/identity_store.hpp"
#include "actors/journal_desk.hpp"
#include "journal/faulty_store.hpp"

namespace causerie::actors {

/// Opens the journal in `data`, or makes one; none without a folder. Raises the epoch of `who`
/// above every one that the journal knows. `may_have_moved`: see journal::opening_request;
/// `faults`: what tests do to its disk. Throws std::system_error: what failed, why, and the way
/// out.
[[nodiscard]] std::shared_ptr<journal_desk> open_journal(
    const std::filesystem::path& data, bool sync_every_commit, bool may_have_moved,
    std::shared_ptr<journal::disk_faults> faults, node_identity& who);

}  // namespace causerie::actors
