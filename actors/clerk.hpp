// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <memory>

#include "actors/node_context.hpp"

namespace causerie::actors {

/// The actor that brings an application its messages, one at a time, and what it did with them to
/// the group.
[[nodiscard]] clerk_actor spawn_clerk(const node_handle& node,
                                      const std::shared_ptr<application_desk>& desk);

}  // namespace causerie::actors
