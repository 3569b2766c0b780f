// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>

#include "caf/actor_control_block.hpp"
#include "caf/fwd.hpp"

namespace causerie::actors {

class hub_actor;

/// Where the answers of actors to the questions of coroutines arrive; one serves a whole node. Any
/// thread, and any scheduler: answers may come from threads that run no io_context.
///
/// Close it (or destroy it) before the io_contexts of its askers are destroyed, and before the
/// actor system is.
class hub {
public:
  explicit hub(caf::actor_system& system);
  ~hub();
  hub(const hub&) = delete;
  hub& operator=(const hub&) = delete;

  /// Every open question completes with `protocol_errc::closed`, every later one at once. When it
  /// returns, no actor's answer touches an io_context any more.
  void close();
  /// How many questions are open.
  [[nodiscard]] std::size_t pending() const;

  [[nodiscard]] const caf::strong_actor_ptr& ptr() const noexcept { return actor_; }
  [[nodiscard]] hub_actor& actor() const noexcept;

private:
  caf::strong_actor_ptr actor_;
};

}  // namespace causerie::actors
