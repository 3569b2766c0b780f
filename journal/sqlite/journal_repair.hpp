// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <vector>

#include "journal/image.hpp"
#include "journal/sqlite/row_salvage.hpp"
#include "journal/sqlite/sqlite_journal.hpp"

namespace causerie::journal {

struct repair_report {
  salvage_report read;
  struct group_loss {
    group_id group;
    std::vector<message_range> missing;  ///< Peers that hold them can refill them.
    std::vector<event_gap> unread;       ///< Holes in the stream that the application will see.
    /// What it had delivered is not known any more: it has to join again, and says so by a gap.
    bool must_join_again = false;
  };
  std::vector<group_loss> groups;  ///< Those that have lost something.
  std::vector<group_id> unnamed;   ///< Bundles are there, the group itself is lost.
  bool owner_lost = false;         ///< Whose journal it was: whoever opens it next.
};

/// Copies what is readable of `damaged` into the new journal `fresh.file`, which must not be there
/// yet, and says what is missing. `damaged` and its log are only read; no node may have it open.
/// The new journal counts as moved (`opening::moved`): of channels, too, something may be lost.
[[nodiscard]] tl::expected<repair_report, open_failure> repair_journal(
    const std::filesystem::path& damaged, const sqlite_settings& fresh);

}  // namespace causerie::journal
