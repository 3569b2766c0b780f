// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

#include "caf/mailbox_element.hpp"
#include "caf/message_id.hpp"
#include "caf/monitorable_actor.hpp"

namespace causerie::actors {

class pending_ask;

/// The passive actor inside a `hub`: no mailbox, no turn, no thread. An answer is handed to the
/// coroutine that waits for it by whichever thread brings it.
class hub_actor final : public caf::monitorable_actor {
public:
  explicit hub_actor(caf::actor_config& config) : monitorable_actor{config} {}

  /// The id under which to ask; not a request's id when the hub is closed.
  [[nodiscard]] caf::message_id add(pending_ask& question);
  void remove(pending_ask& question);
  void close();
  [[nodiscard]] std::size_t pending() const;

  using abstract_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) override;
  const char* name() const override { return "hub"; }

private:
  using request_number = std::uint64_t;

  // Held while an answer is handed over, so that `close` and `remove` wait for that.
  mutable std::mutex mutex_;
  std::map<request_number, pending_ask*> open_;
  request_number last_number_ = 0;
  bool closed_ = false;
};

}  // namespace causerie::actors
