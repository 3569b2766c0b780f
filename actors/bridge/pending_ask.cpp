// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/pending_ask.hpp"

#include <chrono>
#include <utility>

#include "actors/bridge/hub_actor.hpp"
#include "caf/actor_cast.hpp"
#include "protocol/errors.hpp"

namespace causerie::actors {
namespace {

hub_actor& actor_of(const caf::strong_actor_ptr& hub) {
  return *static_cast<hub_actor*>(caf::actor_cast<caf::abstract_actor*>(hub));
}

/// `now + within`, without overflow for "for ever".
wake_signal::time_point deadline_after(protocol::duration within) {
  const auto now = std::chrono::steady_clock::now();
  if (within >= wake_signal::time_point::max() - now) return wake_signal::time_point::max();
  return now + within;
}

}  // namespace

pending_ask::pending_ask(const hub& through, asio::any_io_executor executor)
    : hub_{through.ptr()}, settled_{std::move(executor)}, id_{actor_of(hub_).add(*this)} {}

pending_ask::~pending_ask() {
  if (open()) actor_of(hub_).remove(*this);
}

asio::awaitable<protocol::result<caf::message>> pending_ask::answer(protocol::duration within) {
  const auto error = co_await settled_.wait_until(deadline_after(within));
  actor_of(hub_).remove(*this);  // From here on nobody else writes `answer_`.
  if (answer_) co_return std::move(*answer_);
  co_return protocol::failure(error ? error : make_error_code(protocol::protocol_errc::closed));
}

void pending_ask::on_answer(caf::message answer) {
  answer_ = std::move(answer);
  settled_.ring();
}

void pending_ask::on_closed() { settled_.close(); }

}  // namespace causerie::actors
