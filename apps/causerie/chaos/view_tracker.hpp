// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <vector>

#include "apps/causerie/chaos/chaos_record.hpp"

namespace causerie::apps {

/// Follows what every node thinks of every other, sighting by sighting: does everybody who runs see
/// all others who run, and nobody else? O(1) a sighting.
class view_tracker {
public:
  explicit view_tracker(std::size_t nodes);

  void set_running(std::uint32_t node, bool running);
  void take(const sighting& seen);
  [[nodiscard]] bool agreed() const noexcept { return wrong_ == 0; }

private:
  void see(std::uint32_t by, std::uint32_t whom, bool there);
  [[nodiscard]] bool is_wrong(std::size_t by, std::size_t whom) const {
    return by != whom && running_[by] && present_[by][whom] != running_[whom];
  }

  std::vector<bool> running_;
  std::vector<std::vector<bool>> present_;
  std::size_t wrong_ = 0;  // Pairs.
};

}  // namespace causerie::apps
