// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/hub_actor.hpp"

#include "actors/bridge/pending_ask.hpp"
#include "caf/sec.hpp"

namespace causerie::actors {

caf::message_id hub_actor::add(pending_ask& question) {
  const std::lock_guard guard{mutex_};
  if (closed_) return {};
  const auto id = caf::make_message_id(++last_number_).with_normal_priority();
  open_.emplace(id.response_id().integer_value(), &question);
  return id;
}

void hub_actor::remove(pending_ask& question) {
  const std::lock_guard guard{mutex_};
  open_.erase(question.id().response_id().integer_value());
}

void hub_actor::close() {
  const std::lock_guard guard{mutex_};
  closed_ = true;
  for (const auto& [_, question] : open_) question->on_closed();
  open_.clear();
}

std::size_t hub_actor::pending() const {
  const std::lock_guard guard{mutex_};
  return open_.size();
}

void hub_actor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) {
  if (!what || !what->mid.is_response()) return;  // Nobody asks a hub.
  const std::lock_guard guard{mutex_};
  const auto found = open_.find(what->mid.integer_value());
  if (found == open_.end()) return;  // Too late: timed out, cancelled or closed.
  auto* const question = found->second;
  open_.erase(found);
  question->on_answer(what->move_content_to_message());
}

}  // namespace causerie::actors
