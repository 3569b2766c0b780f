// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "actors/node_context.hpp"

namespace causerie::actors {

/// Supervises a node's actors, one for one: whichever dies is spawned again over its machine in
/// the vault. A new guardian adopts the actors it finds, so that it may be killed itself.
/// Five crashes of one actor within 10 s end the node; kills that were asked for do not count.
[[nodiscard]] guardian_actor spawn_guardian(const node_handle& node);

/// The paths of a node's actors, as people name them: `courier`, `groups/lobby`, ...
[[nodiscard]] std::string path_of(role who, const std::string& group = {});

}  // namespace causerie::actors
