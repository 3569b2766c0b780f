// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "protocol/membership/swim_record.hpp"

namespace causerie::protocol::swim {

/// Which node says that it is in which group. A node's word in a newer life replaces all it said
/// before; whether the node lives is the roster's business.
class presence_directory {
public:
  struct standing {
    std::uint64_t version = 0;
    bool present = false;
  };
  using group_standings = std::map<group_id, standing>;

  static constexpr std::size_t groups_per_node_max = 256;
  static constexpr std::size_t entries_max = 65'536;

  enum class outcome : std::uint8_t { news, known, full };
  [[nodiscard]] outcome merge(const presence_record& record);
  void forget(const node_id& node);

  /// What a node said in that life, by group; empty when nothing.
  [[nodiscard]] const group_standings& standings(const incarnation& who) const;
  /// What a node said last about a group.
  [[nodiscard]] std::optional<presence_record> find(const node_id& node,
                                                    const group_id& group) const;
  /// The groups in which it says it is present.
  [[nodiscard]] std::vector<group_id> groups_of(const incarnation& who) const;
  /// Those who say they are present, in order of id, living or not.
  [[nodiscard]] std::vector<incarnation> present_in(const group_id& group) const;

  void audit() const;

private:
  struct word {
    boot_epoch epoch{};
    group_standings groups;
  };
  std::map<node_id, word> words_;
  std::map<group_id, std::set<node_id>> present_;
  std::size_t entries_ = 0;
};

}  // namespace causerie::protocol::swim
