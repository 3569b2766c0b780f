// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>

#include "protocol/ids.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol::causal {

/// How many requests of one kind a peer may have answered in a second, so that no peer can make
/// this node work for it alone. Counts in whole seconds; forgets everybody when it has grown large.
class peer_budget {
public:
  explicit peer_budget(unsigned per_second) noexcept : per_second_{per_second} {}

  [[nodiscard]] bool allow(const node_id& peer, instant now) {
    if (spent_.size() > peers_max) spent_.clear();
    auto& [since, count] = spent_[peer];
    if (count == 0 || now - since >= std::chrono::seconds{1}) {
      since = now;
      count = 0;
    }
    return ++count <= per_second_;
  }

  static constexpr std::size_t peers_max = 1024;

private:
  unsigned per_second_;
  std::map<node_id, std::pair<instant, unsigned>> spent_;
};

}  // namespace causerie::protocol::causal
