// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "caf/actor.hpp"
#include "caf/fwd.hpp"

namespace causerie::actors {

enum class print_to { standard_output, nowhere };

/// Stands in for CAF's printer, the actor behind `caf::aout`, which blocks a thread of its own in
/// every actor system. Writes each piece of text at once; redirections to files are ignored.
[[nodiscard]] caf::actor spawn_printer(caf::actor_system& system, print_to where);

}  // namespace causerie::actors
