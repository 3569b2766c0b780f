// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "protocol/ids.hpp"
#include "protocol/random.hpp"

namespace causerie::protocol::swim {

/// The order in which members are probed: every one once, then shuffled anew, so that the time
/// until a crash is noticed has a bound (SWIM, section 4.3).
class probe_ring {
public:
  /// At a random place among those not yet probed or probed in this round.
  void add(const node_id& node, random_source& random);
  void remove(const node_id& node);
  [[nodiscard]] std::optional<node_id> next(random_source& random);
  [[nodiscard]] const std::vector<node_id>& all() const noexcept { return order_; }

private:
  std::vector<node_id> order_;
  std::size_t position_ = 0;
};

}  // namespace causerie::protocol::swim
