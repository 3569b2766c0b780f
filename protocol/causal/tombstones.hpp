// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

#include "protocol/causal/group_frames.hpp"

namespace causerie::protocol::causal {

/// Members whose clock entry was given up, with how many messages they had sent: so that causes
/// among those count as delivered, and a member that was not gone after all can come back.
class tombstones {
public:
  struct tomb {
    incarnation who;
    sequence last = 0;
    bool left = false;  ///< It said goodbye: nothing brings it back.
  };

  /// The oldest is forgotten when there are `tombs_max`; that one's tag is returned.
  std::optional<member_tag> bury(member_tag tag, const tomb& what) {
    if (!tombs_.insert_or_assign(tag, what).second) return std::nullopt;
    auto& epoch = epochs_[what.who.node];
    epoch = std::max(epoch, what.who.epoch);
    if (epochs_.size() > epochs_max) epochs_.erase(epochs_.begin());
    order_.push_back(tag);
    if (order_.size() <= tombs_max) return std::nullopt;
    const auto oldest = order_.front();
    order_.pop_front();
    tombs_.erase(oldest);
    return oldest;
  }
  std::optional<tomb> raise(member_tag tag) {
    const auto found = tombs_.find(tag);
    if (found == tombs_.end()) return std::nullopt;
    const auto what = found->second;
    tombs_.erase(found);
    std::erase(order_, tag);
    return what;
  }
  [[nodiscard]] const tomb* find(member_tag tag) const {
    const auto found = tombs_.find(tag);
    return found == tombs_.end() ? nullptr : &found->second;
  }
  /// The newest life of the node that was retired here, or zero.
  [[nodiscard]] boot_epoch retired_epoch(const node_id& node) const {
    const auto found = epochs_.find(node);
    return found == epochs_.end() ? boot_epoch{} : found->second;
  }
  [[nodiscard]] std::vector<listed_tomb> list() const {
    std::vector<listed_tomb> all;
    for (const auto& [tag, grave] : tombs_) all.push_back({grave.who, grave.last, grave.left});
    return all;
  }
  [[nodiscard]] bool empty() const noexcept { return tombs_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return tombs_.size(); }

  static constexpr std::size_t epochs_max = 65'536;

private:
  std::map<member_tag, tomb> tombs_;
  std::deque<member_tag> order_;  // Oldest first.
  std::map<node_id, boot_epoch> epochs_;
};

}  // namespace causerie::protocol::causal
