// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/causal_buffer.hpp"

#include <algorithm>

#include "protocol/assert.hpp"
#include "protocol/errors.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol::causal {
namespace {

const group_message& message_at(const bundle& content, sequence number) {
  return content.messages[static_cast<std::size_t>(number - content.first)];
}

}  // namespace

std::error_code causal_buffer::on_bundle(bundle content, std::size_t bytes, instant arrived) {
  const auto tag = content.sender;
  const auto done = delivered_.at(tag);
  if (content.last() <= done) {
    if (!planted(planted_bug::no_duplicate_check)) return protocol_errc::duplicate;
    delivered_.set(tag, content.first - 1);
  }
  if (content.first > done + window_) return protocol_errc::out_of_window;
  auto& queue = queues_[tag];
  const auto next = queue.bundles.upper_bound(content.last());
  if (next != queue.bundles.begin()) {
    const auto& before = std::prev(next)->second.content;
    if (before.first == content.first && before.last() == content.last())
      return protocol_errc::duplicate;
    if (before.last() >= content.first) return protocol_errc::out_of_window;
  }
  mentioned_.raise(tag, content.last());
  held_bytes_ += bytes;
  held_messages_ += content.messages.size();
  ++held_bundles_;
  const bool at_head = content.first <= done + 1;
  const auto first = content.first;
  queue.bundles.emplace_hint(next, first, held_bundle{std::move(content), bytes, arrived});
  // A later part may also complete the head's fragments.
  if (at_head || queue.bundles.begin()->first <= done + 1) schedule(tag, queue);
  while (held_bytes_ > held_bytes_max_ && drop_farthest()) {}
  return {};
}

/// A sender whose next message lacks nothing but more of its own fragments. One of them has to be
/// allowed to complete, or a full buffer would hold a beginning of everybody's and an end of none.
std::optional<member_tag> causal_buffer::favoured() const {
  for (const auto& [tag, queue] : queues_) {
    if (queue.bundles.empty()) continue;
    const auto next = delivered_.at(tag) + 1;
    const auto& content = queue.bundles.begin()->second.content;
    if (content.first > next || content.last() < next) continue;
    const auto& causes = message_at(content, next).causes;
    if (std::all_of(causes.begin(), causes.end(),
                    [this](const clock_entry& cause) { return satisfied(cause); }))
      return tag;
  }
  return std::nullopt;
}

bool causal_buffer::drop_farthest() {
  const auto spared = favoured();
  sender_queue* farthest = nullptr;
  member_tag whose{};
  sequence distance = 0;
  for (auto& [tag, queue] : queues_) {
    if (queue.bundles.empty()) continue;
    const auto& last = queue.bundles.rbegin()->second.content;
    const auto done = delivered_.at(tag);
    if (last.first <= done) continue;  // Delivered in part: it is needed whole.
    if (tag == spared) {
      const auto& head = message_at(queue.bundles.begin()->second.content, done + 1);
      if (last.first <= done + head.fragments) continue;
    }
    if (last.last() - done <= distance) continue;
    farthest = &queue;
    whose = tag;
    distance = last.last() - done;
  }
  if (farthest == nullptr) return false;
  const auto at = std::prev(farthest->bundles.end());
  dropped_.push_back({whose, at->first});
  remove(*farthest, at);
  return true;
}

void causal_buffer::remove(sender_queue& queue, std::map<sequence, held_bundle>::iterator at) {
  held_bytes_ -= at->second.bytes;
  held_messages_ -= at->second.content.messages.size();
  --held_bundles_;
  queue.bundles.erase(at);
}

void causal_buffer::schedule(member_tag tag, sender_queue& queue) {
  if (queue.scheduled) return;
  queue.scheduled = true;
  worklist_.push_back(tag);
}

bool causal_buffer::satisfied(const clock_entry& cause) const noexcept {
  return delivered_.at(cause.tag) >= cause.number || retired_.at(cause.tag) >= cause.number;
}

std::optional<causal_buffer::delivery> causal_buffer::poll() {
  while (!worklist_.empty()) {
    const auto tag = worklist_.front();
    const auto queue = queues_.find(tag);
    if (queue != queues_.end()) {
      if (auto ready = take_head(tag, queue->second)) return ready;
      queue->second.scheduled = false;
    }
    worklist_.pop_front();
  }
  return std::nullopt;
}

std::optional<causal_buffer::delivery> causal_buffer::take_head(member_tag tag,
                                                                sender_queue& queue) {
  if (queue.bundles.empty()) return std::nullopt;
  const auto next = delivered_.at(tag) + 1;
  const auto& content = queue.bundles.begin()->second.content;
  if (content.first > next || content.last() < next) return std::nullopt;
  const auto& head = message_at(content, next);
  if (wait_for_cause(tag, queue, head)) return std::nullopt;
  auto ready = assemble(tag, queue, head);
  if (!ready) return std::nullopt;
  delivered_.set(tag, ready->last);
  consume(queue, ready->last);
  wake(tag);
  return ready;
}

bool causal_buffer::wait_for_cause(member_tag tag, sender_queue& queue, const group_message& head) {
  if (planted(planted_bug::dependencies_ignored)) return false;
  for (const auto& cause : head.causes) {
    if (satisfied(cause)) continue;
    mentioned_.raise(cause.tag, cause.number);
    if (queue.waits_for != cause) {
      queue.waits_for = cause;
      waiters_[{cause.tag, cause.number}].push_back(tag);
    }
    return true;
  }
  queue.waits_for = {};
  return false;
}

std::optional<causal_buffer::delivery> causal_buffer::assemble(member_tag tag, sender_queue& queue,
                                                               const group_message& head) {
  const auto next = delivered_.at(tag) + 1;
  auto bundle_at = queue.bundles.begin();
  delivery ready{tag, next, next, {}, bundle_at->second.arrived, head.fragment != 0};
  if (head.fragments == 1 || ready.broken) {
    ready.message = std::move(const_cast<group_message&>(head));
    return ready;
  }
  byte_buffer whole;
  for (std::uint8_t i = 0; i < head.fragments; ++i) {
    const auto number = next + i;
    if (number > bundle_at->second.content.last()) ++bundle_at;
    if (bundle_at == queue.bundles.end() || bundle_at->first > number) return std::nullopt;
    ready.arrived = std::max(ready.arrived, bundle_at->second.arrived);
    const auto& part = message_at(bundle_at->second.content, number);
    if (part.fragment != i || part.fragments != head.fragments || part.kind != head.kind) {
      ready.broken = true;
      return ready;
    }
    const auto bytes = part.payload.view();
    whole.insert(whole.end(), bytes.begin(), bytes.end());
  }
  ready.last = next + head.fragments - 1;
  ready.message = head;
  ready.message.payload = shared_bytes{std::move(whole)};
  return ready;
}

void causal_buffer::consume(sender_queue& queue, sequence up_to) {
  while (!queue.bundles.empty() && queue.bundles.begin()->second.content.last() <= up_to)
    remove(queue, queue.bundles.begin());
}

void causal_buffer::wake(member_tag tag) {
  const auto done = delivered_.at(tag);
  auto at = waiters_.lower_bound({tag, 0});
  while (at != waiters_.end() && at->first.first == tag && at->first.second <= done) {
    for (const auto waiter : at->second) {
      schedule(waiter, queues_[waiter]);
      if (planted(planted_bug::second_waiter_forgotten)) break;
    }
    at = waiters_.erase(at);
  }
}

void causal_buffer::wake_everybody() {
  waiters_.clear();
  for (auto& [tag, queue] : queues_) {
    queue.waits_for = {};
    if (!queue.bundles.empty()) schedule(tag, queue);
  }
}

void causal_buffer::on_own(member_tag self, sequence last) {
  delivered_.set(self, last);
  mentioned_.raise(self, last);
  wake(self);
}

std::vector<message_range> causal_buffer::raise(const vector_clock& cut) {
  std::vector<message_range> risen;
  for (const auto& entry : cut.entries()) {
    const auto before = std::max(delivered_.at(entry.tag), retired_.at(entry.tag));
    if (entry.number <= before) continue;
    risen.push_back({entry.tag, before + 1, entry.number});
    delivered_.set(entry.tag, entry.number);
    mentioned_.raise(entry.tag, entry.number);
    if (const auto queue = queues_.find(entry.tag); queue != queues_.end())
      consume(queue->second, entry.number);
    if (planted(planted_bug::gap_raises_single_entry)) break;
  }
  if (!risen.empty()) wake_everybody();
  return risen;
}

void causal_buffer::retire(member_tag tag, sequence last) {
  delivered_.erase(tag);
  mentioned_.erase(tag);
  retired_.raise(tag, last);
  if (const auto queue = queues_.find(tag); queue != queues_.end()) {
    while (!queue->second.bundles.empty()) {
      dropped_.push_back({tag, queue->second.bundles.begin()->first});
      remove(queue->second, queue->second.bundles.begin());
    }
    if (!queue->second.scheduled) queues_.erase(queue);
  }
  wake_everybody();
}

void causal_buffer::unretire(member_tag tag, sequence last) {
  retired_.erase(tag);
  delivered_.raise(tag, last);
  wake_everybody();
}

void causal_buffer::reset(const vector_clock& delivered) {
  *this = causal_buffer{held_bytes_max_, window_};
  delivered_ = delivered;
  mentioned_ = delivered;
}

std::vector<message_range> causal_buffer::missing(member_tag tag, sequence last,
                                                  std::size_t ranges_max) const {
  std::vector<message_range> holes;
  auto next = delivered_.at(tag) + 1;
  if (const auto queue = queues_.find(tag); queue != queues_.end()) {
    for (const auto& [first, held] : queue->second.bundles) {
      if (holes.size() == ranges_max || next > last) return holes;
      if (first > next) holes.push_back({tag, next, std::min(first - 1, last)});
      next = std::max(next, held.content.last() + 1);
    }
  }
  if (next <= last && holes.size() < ranges_max) holes.push_back({tag, next, last});
  return holes;
}

std::optional<member_tag> causal_buffer::witness(member_tag tag, sequence number) const {
  const auto at = waiters_.lower_bound({tag, number});
  if (at == waiters_.end() || at->first.first != tag || at->second.empty()) return std::nullopt;
  return at->second.front();
}

std::optional<instant> causal_buffer::arrived(member_tag tag, sequence number) const {
  const auto queue = queues_.find(tag);
  if (queue == queues_.end() || number <= delivered_.at(tag)) return std::nullopt;
  const auto next = queue->second.bundles.upper_bound(number);
  if (next == queue->second.bundles.begin()) return std::nullopt;
  const auto& held = std::prev(next)->second;
  if (held.content.last() < number) return std::nullopt;
  return held.arrived;
}

void causal_buffer::audit(bool drained) const {
  std::size_t bytes = 0, messages = 0, bundles = 0;
  for (const auto& [tag, queue] : queues_) {
    auto next = delivered_.at(tag) + 1;
    for (const auto& [first, held] : queue.bundles) {
      CAUSERIE_ASSERT(first == held.content.first && held.content.last() >= next);
      CAUSERIE_ASSERT(first >= next || next == delivered_.at(tag) + 1);
      next = held.content.last() + 1;
      bytes += held.bytes;
      messages += held.content.messages.size();
      ++bundles;
    }
    if (!drained || queue.bundles.empty() || queue.waits_for == clock_entry{}) continue;
    CAUSERIE_ASSERT(!satisfied(queue.waits_for));
  }
  CAUSERIE_ASSERT(bytes == held_bytes_ && messages == held_messages_ && bundles == held_bundles_);
  for (const auto& entry : retired_.entries()) CAUSERIE_ASSERT(!delivered_.contains(entry.tag));
}

}  // namespace causerie::protocol::causal
