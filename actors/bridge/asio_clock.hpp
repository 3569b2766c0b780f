// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include "actors/bridge/timeout_table.hpp"

namespace causerie::actors {

/// CAF's actor clock on one Asio timer: no thread of its own. Any thread may call it. The timer is
/// set again only when something earlier than what it waits for comes in.
class asio_clock final : public timeout_table, public std::enable_shared_from_this<asio_clock> {
public:
  explicit asio_clock(asio::io_context& io);

  /// Gives the io_context up for good, which must still exist; it need not run. Returns when no
  /// thread is delivering any more. From now on `deliver_due` alone moves timeouts.
  void leave();
  /// Delivers on the calling thread what is due now.
  void deliver_due();
  [[nodiscard]] std::optional<time_point> next_deadline();

  void set_ordinary_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                            std::uint64_t id) override;
  void set_multi_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                         std::uint64_t id) override;
  void set_request_timeout(time_point t, caf::abstract_actor* self, caf::message_id id) override;
  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override;
  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;
  void schedule_message(time_point t, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  void schedule_message(time_point t, caf::group target, caf::strong_actor_ptr sender,
                        caf::message content) override;
  void cancel_all() override;

private:
  void arm();  // Under mutex_.
  void on_timer();

  std::mutex delivering_;  // Held while events are delivered; taken before mutex_.
  std::mutex mutex_;       // Guards the table and what follows.
  std::optional<asio::steady_timer> timer_;  // None once we have left.
  std::optional<time_point> armed_;          // When the timer goes off.
};

}  // namespace causerie::actors
