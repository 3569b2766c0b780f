// SPDX-License-Identifier: BSL-1.0
#include "protocol/channel/channel_inbox.hpp"

#include <algorithm>
#include <utility>

namespace causerie::protocol {

void channel_inbox::push(shared_bytes payload, boot_epoch life, sequence seq) {
  cost_now_ += channel_cost(payload);
  items_.push_back({std::move(payload), life, seq});
}

void channel_inbox::end_incarnation() noexcept {
  cost_before_ += std::exchange(cost_now_, 0);
  count_before_ = items_.size();
}

std::vector<channel_set::received> channel_inbox::read(const node_id& from, std::uint64_t after,
                                                       std::size_t messages_max) const {
  const auto skipped = after > committed_ ? after - committed_ : 0;
  if (skipped >= items_.size()) return {};
  auto index = static_cast<std::size_t>(skipped);
  const auto end = index + std::min(messages_max, items_.size() - index);
  std::vector<channel_set::received> messages;
  messages.reserve(end - index);
  for (; index != end; ++index)
    messages.push_back(
        {committed_ + index + 1, incarnation{from, items_[index].life}, items_[index].payload});
  return messages;
}

channel_inbox::freed channel_inbox::commit(std::uint64_t up_to, std::size_t window_bytes) {
  freed sum;
  while (committed_ < up_to && !items_.empty()) {
    const auto bytes = items_.front().payload.size();
    const auto cost = bytes + channel_message_overhead;
    (oversized(bytes, window_bytes) ? sum.oversized_cost : sum.cost) += cost;
    (count_before_ != 0 ? cost_before_ : cost_now_) -= cost;
    if (count_before_ != 0) --count_before_;
    items_.pop_front();
    ++committed_;
  }
  return sum;
}

sequence channel_inbox::committed_next(sequence next) const noexcept {
  if (count_before_ == items_.size()) return next;
  return std::min(items_[count_before_].seq, next);
}

}  // namespace causerie::protocol
