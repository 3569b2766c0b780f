// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <vector>

#include "journal/node_journal.hpp"
#include "protocol/channel/channel_keeping.hpp"

/// Between the durable channels of a node, which say what to keep, and its journal.
namespace causerie::journal {

/// One batch from what `channel_set::take_notes` gave, to be committed before anything that came of
/// the same calls leaves the node.
[[nodiscard]] batch records_of(std::vector<protocol::channel_note> notes, durability need);

/// What `channel_set::restore` takes. A journal that was moved, restored or copied knows nothing of
/// what was done from elsewhere: of its channels nothing may go on. Errors: the store's.
[[nodiscard]] result<protocol::channels_image> load_channels(node_journal& from);

}  // namespace causerie::journal
