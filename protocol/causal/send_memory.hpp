// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>
#include <map>
#include <optional>

#include "protocol/causal/group_event.hpp"

namespace causerie::protocol::causal {

/// The last 1024 request ids and the messages they became, so that a send repeated by a caller who
/// did not see the answer is not sent twice.
class send_memory {
public:
  [[nodiscard]] std::optional<sequence> find(std::uint64_t request) const {
    const auto found = numbers_.find(request);
    if (request == 0 || found == numbers_.end()) return std::nullopt;
    return found->second;
  }
  void remember(std::uint64_t request, sequence number) {
    if (request == 0) return;
    numbers_[request] = number;
    order_.push_back(request);
    if (order_.size() <= requests_max) return;
    numbers_.erase(order_.front());
    order_.pop_front();
  }

  static constexpr std::size_t requests_max = 1024;

private:
  std::map<std::uint64_t, sequence> numbers_;
  std::deque<std::uint64_t> order_;  // Oldest first.
};

}  // namespace causerie::protocol::causal
