// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

namespace causerie::protocol {

/// Which message answered which request, so that a request repeated after an actor's death sends
/// nothing twice. Keeps the last 4096.
class recent_requests {
public:
  static constexpr std::size_t count_max = 4096;
  struct request {
    std::uint32_t slot = 0;  ///< Of the sender: callers may count each channel's requests alone.
    std::uint64_t number = 0;
    friend auto operator<=>(const request&, const request&) = default;
  };

  [[nodiscard]] std::optional<std::uint64_t> find(const request& which) const {
    const auto at = messages_.find(which);
    if (at == messages_.end()) return std::nullopt;
    return at->second;
  }
  void add(const request& which, std::uint64_t message) {
    if (!messages_.emplace(which, message).second) return;
    order_.push_back(which);
    if (order_.size() <= count_max) return;
    messages_.erase(order_.front());
    order_.pop_front();
  }

private:
  std::map<request, std::uint64_t> messages_;
  std::deque<request> order_;
};

}  // namespace causerie::protocol
