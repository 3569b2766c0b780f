// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/hub.hpp"

#include "actors/bridge/hub_actor.hpp"
#include "caf/actor_cast.hpp"
#include "caf/actor_config.hpp"
#include "caf/actor_system.hpp"
#include "caf/make_actor.hpp"

namespace causerie::actors {

hub::hub(caf::actor_system& system) {
  caf::actor_config config;
  actor_ = caf::make_actor<hub_actor, caf::strong_actor_ptr>(system.next_actor_id(), system.node(),
                                                             &system, config);
}

hub::~hub() { close(); }

void hub::close() { actor().close(); }

std::size_t hub::pending() const { return actor().pending(); }

hub_actor& hub::actor() const noexcept {
  return *static_cast<hub_actor*>(caf::actor_cast<caf::abstract_actor*>(actor_));
}

}  // namespace causerie::actors
