// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/printer.hpp"

#include <cstdio>
#include <string>

#include "caf/actor_system.hpp"
#include "caf/behavior.hpp"
#include "caf/event_based_actor.hpp"
#include "caf/scheduled_actor.hpp"

namespace causerie::actors {
namespace {

caf::behavior printer(caf::event_based_actor* self, print_to where) {
  self->set_default_handler(caf::drop);
  return {[where](caf::add_atom, caf::actor_id, const std::string& text) {
    if (where == print_to::standard_output) std::fwrite(text.data(), 1, text.size(), stdout);
  }};
}

}  // namespace

caf::actor spawn_printer(caf::actor_system& system, print_to where) {
  return system.spawn<caf::hidden>(printer, where);
}

}  // namespace causerie::actors
