// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "protocol/membership/suspicion.hpp"

namespace causerie::protocol::swim {

/// All running suspicions of one node, by accused. As many as there are suspects in the roster.
class suspect_list {
public:
  void start(const node_id& accused, suspicion what);
  void clear(const node_id& accused);
  /// True when the accusation is news; false also for one who is not suspected.
  bool confirm(const node_id& accused, const accusation& another);
  /// None when not suspected.
  [[nodiscard]] const suspicion* find(const node_id& accused) const;
  [[nodiscard]] bool contains(const node_id& accused) const { return running_.contains(accused); }
  [[nodiscard]] bool empty() const noexcept { return running_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return running_.size(); }
  /// Precondition: `contains(accused)`.
  [[nodiscard]] accusation next_accusation(const node_id& accused);

  /// Adds `gap` to every deadline.
  void shift(duration gap);
  /// Whoever's time is up, in order of id; they stay in the list.
  [[nodiscard]] std::vector<node_id> expired(instant now) const;
  /// One who was heard though its refutation was not: it has time until then.
  void extend(const node_id& accused, instant until);
  [[nodiscard]] std::vector<node_id> accused_by(const node_id& accuser) const;
  [[nodiscard]] std::optional<instant> earliest() const;

private:
  std::map<node_id, suspicion> running_;
  mutable std::optional<instant> earliest_;  // Cached; none when it must be found anew.
};

}  // namespace causerie::protocol::swim
