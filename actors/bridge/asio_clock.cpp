// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/asio_clock.hpp"

#include <system_error>
#include <utility>

#include "caf/group.hpp"

namespace causerie::actors {

asio_clock::asio_clock(asio::io_context& io) : timer_{std::in_place, io} {}

void asio_clock::leave() {
  const std::lock_guard wait_for_delivery{delivering_};
  const std::lock_guard guard{mutex_};
  timer_.reset();
  armed_.reset();
}

void asio_clock::deliver_due() {
  const std::lock_guard one_at_a_time{delivering_};
  due_events due;
  {
    const std::lock_guard guard{mutex_};
    due = take_due(now());
  }
  for (const auto& entry : due) deliver(*entry);
}

std::optional<asio_clock::time_point> asio_clock::next_deadline() {
  const std::lock_guard guard{mutex_};
  return next_due();
}

void asio_clock::arm() {
  const auto due = next_due();
  if (!timer_ || !due || (armed_ && *armed_ <= *due)) return;
  armed_ = *due;
  timer_->expires_at(*due);
  timer_->async_wait([weak = weak_from_this()](std::error_code error) {
    if (error) return;
    if (const auto self = weak.lock()) self->on_timer();
  });
}

void asio_clock::on_timer() {
  {
    const std::lock_guard guard{mutex_};
    if (!timer_) return;  // Whoever made us leave delivers now.
    armed_.reset();
  }
  deliver_due();
  const std::lock_guard guard{mutex_};
  arm();
}

void asio_clock::set_ordinary_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                                      std::uint64_t id) {
  const std::lock_guard guard{mutex_};
  timeout_table::set_ordinary_timeout(t, self, type, id);
  arm();
}

void asio_clock::set_multi_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                                   std::uint64_t id) {
  const std::lock_guard guard{mutex_};
  timeout_table::set_multi_timeout(t, self, type, id);
  arm();
}

void asio_clock::set_request_timeout(time_point t, caf::abstract_actor* self, caf::message_id id) {
  const std::lock_guard guard{mutex_};
  timeout_table::set_request_timeout(t, self, id);
  arm();
}

void asio_clock::cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) {
  const std::lock_guard guard{mutex_};
  timeout_table::cancel_ordinary_timeout(self, type);
}

void asio_clock::cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) {
  const std::lock_guard guard{mutex_};
  timeout_table::cancel_request_timeout(self, id);
}

void asio_clock::cancel_timeouts(caf::abstract_actor* self) {
  const std::lock_guard guard{mutex_};
  timeout_table::cancel_timeouts(self);
}

void asio_clock::schedule_message(time_point t, caf::strong_actor_ptr receiver,
                                  caf::mailbox_element_ptr content) {
  const std::lock_guard guard{mutex_};
  timeout_table::schedule_message(t, std::move(receiver), std::move(content));
  arm();
}

void asio_clock::schedule_message(time_point t, caf::group target, caf::strong_actor_ptr sender,
                                  caf::message content) {
  const std::lock_guard guard{mutex_};
  timeout_table::schedule_message(t, std::move(target), std::move(sender), std::move(content));
  arm();
}

void asio_clock::cancel_all() {
  due_events dropped;  // Outlives the lock.
  const std::lock_guard guard{mutex_};
  dropped = take_all();
}

}  // namespace causerie::actors
