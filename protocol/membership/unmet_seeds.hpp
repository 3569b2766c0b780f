// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "protocol/address.hpp"
#include "protocol/membership/joining.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol::swim {

/// The addresses given at the start at which no live member has been heard yet. They are asked one
/// after the other, one every `interval`, until one is.
///
/// Whoever answers a join may know as little as the one who asks: two newcomers who find each other
/// while the cluster is out of reach are each other's whole cluster, and nobody in the other one
/// has ever heard of them. So an answer ends the joining and not the search. Every address given is
/// heard once: then the islands that addresses join become one, whatever was cut when they began.
class unmet_seeds {
public:
  static constexpr duration interval = std::chrono::seconds{5};

  /// At most `joining::seeds_max` of them are kept, as for the joining.
  void start(std::span<const socket_address> seeds, instant now) {
    const auto count = std::min(seeds.size(), joining::seeds_max);
    seeds_.assign(seeds.begin(), seeds.begin() + static_cast<std::ptrdiff_t>(count));
    next_visit_ = now + interval;
  }
  void stop() noexcept { seeds_.clear(); }

  /// A live member sends from there.
  void met(const socket_address& where) noexcept { std::erase(seeds_, where); }

  /// Whom to ask now, nobody if it is not time.
  [[nodiscard]] std::optional<socket_address> due(instant now) {
    if (seeds_.empty() || now < next_visit_) return std::nullopt;
    next_visit_ = now + interval;
    std::rotate(seeds_.begin(), seeds_.begin() + 1, seeds_.end());
    return seeds_.back();
  }
  [[nodiscard]] std::optional<instant> next_deadline() const {
    return seeds_.empty() ? std::nullopt : std::optional{next_visit_};
  }

private:
  std::vector<socket_address> seeds_;
  instant next_visit_{};
};

}  // namespace causerie::protocol::swim
