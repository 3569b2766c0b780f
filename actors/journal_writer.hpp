// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "actors/node_context.hpp"

namespace causerie::actors {

/// The one actor that writes to the disk: keeps what waits at the desk, and tells the orderers.
/// With `environment.journal_on_its_own_thread` it has a thread, so that a slow disk stops nobody
/// but those who wait for it.
[[nodiscard]] journal_actor spawn_journal_writer(const node_handle& node);

}  // namespace causerie::actors
