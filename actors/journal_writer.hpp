// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "actors/node_context.hpp"

namespace causerie::actors {

/// Keeps what waits at the desk, and tells those who wait for it; the one that tries a full disk
/// again and ends the node of a broken one.
/// With `environment.journal_on_its_own_thread` it has a thread, so that a slow disk stops nobody
/// but those who wait for it.
[[nodiscard]] journal_actor spawn_journal_writer(const node_handle& node);

/// For an actor that has just left a batch at the desk. It is kept by the time this returns, where
/// the writer would do nothing else on this same thread; otherwise the writer has been told.
void have_it_kept(const node_context& node);

}  // namespace causerie::actors
