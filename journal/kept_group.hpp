// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/node_journal.hpp"
#include "protocol/causal/group_keeping.hpp"

/// Between a durable group, which says what to keep, and a journal, which keeps records.
namespace causerie::journal {

/// The reader of a group's stream that `causal_group::commit` moves.
inline constexpr std::string_view application = "application";

/// Which group, and in which life of this node.
struct group_owner {
  group_id group;
  std::string name;
  incarnation self;
};

/// One batch from what `causal_group::take_notes` gave, to be committed before anything that came
/// of the same calls leaves the node.
[[nodiscard]] batch records_of(const group_owner& owner, std::vector<protocol::group_note> notes,
                               wall_time now, durability need);

/// What `causal_group::restore` takes; none when the group is not kept. Errors: the store's.
[[nodiscard]] result<std::optional<protocol::group_image>> load_group(node_journal& from,
                                                                      const group_id& id);

}  // namespace causerie::journal
