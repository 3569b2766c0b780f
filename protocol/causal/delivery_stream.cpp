// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/delivery_stream.hpp"

#include <algorithm>

#include "protocol/assert.hpp"

namespace causerie::protocol::causal {
namespace {

std::size_t payload_bytes(const decltype(group_event::what)& what) {
  const auto* message = std::get_if<message_event>(&what);
  return message == nullptr ? 0 : message->payload.size();
}

}  // namespace

void delivery_stream::push(event_body what) {
  bytes_ += payload_bytes(what);
  events_.push_back({last() + 1, std::move(what)});
}

void delivery_stream::start(joined_event joined) {
  hidden_ = false;
  push(std::move(joined));
  for (auto& event : std::exchange(waiting_, {})) push(std::move(event));
}

void delivery_stream::restore(cursor committed, std::vector<event_body> events) {
  committed_ = committed;
  for (auto& event : events) push(std::move(event));
}

void delivery_stream::end(ended_event ended) {
  hidden_ = false;
  waiting_.clear();
  push(std::move(ended));
}

void delivery_stream::drop_hidden() { waiting_.clear(); }

std::vector<group_event> delivery_stream::read(cursor after, std::size_t events_max) const {
  const auto skip = after > committed_ ? after - committed_ : 0;
  if (skip >= events_.size()) return {};
  const auto count = std::min<std::uint64_t>(events_max, events_.size() - skip);
  const auto from = events_.begin() + static_cast<std::ptrdiff_t>(skip);
  return {from, from + static_cast<std::ptrdiff_t>(count)};
}

bool delivery_stream::commit(cursor up_to) {
  const bool was_full = full();
  while (!events_.empty() && events_.front().position <= up_to) {
    bytes_ -= payload_bytes(events_.front().what);
    events_.pop_front();
    ++committed_;
  }
  return was_full && !full();
}

void delivery_stream::audit() const {
  std::size_t bytes = 0;
  auto position = committed_;
  for (const auto& event : events_) {
    CAUSERIE_ASSERT(event.position == ++position);
    bytes += payload_bytes(event.what);
  }
  CAUSERIE_ASSERT(bytes == bytes_);
}

}  // namespace causerie::protocol::causal
