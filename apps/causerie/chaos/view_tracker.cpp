// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/view_tracker.hpp"

namespace causerie::apps {

view_tracker::view_tracker(std::size_t nodes)
    : running_(nodes), present_(nodes, std::vector<bool>(nodes)) {}

void view_tracker::set_running(std::uint32_t node, bool running) {
  running_[node] = running;
  wrong_ = 0;
  for (std::size_t by = 0; by < running_.size(); ++by)
    for (std::size_t whom = 0; whom < running_.size(); ++whom) wrong_ += is_wrong(by, whom) ? 1 : 0;
}

void view_tracker::see(std::uint32_t by, std::uint32_t whom, bool there) {
  if (present_[by][whom] == there) return;
  wrong_ -= is_wrong(by, whom) ? 1 : 0;
  present_[by][whom] = there;
  wrong_ += is_wrong(by, whom) ? 1 : 0;
}

void view_tracker::take(const sighting& seen) {
  if (seen.state != "started")
    return see(seen.by, seen.of, seen.state == "alive" || seen.state == "suspect");
  for (std::uint32_t whom = 0; whom < running_.size(); ++whom) see(seen.by, whom, false);
}

}  // namespace causerie::apps
