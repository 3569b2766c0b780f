// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "apps/checker/history.hpp"

namespace causerie::checker {

/// A message as deliveries name it.
struct seen_message {
  std::string message;  ///< The application's own id.
  std::string author;   ///< As in histories: name or id.
  std::uint64_t life = 0, number = 0;
};

struct message_and_cause {
  seen_message cause, later;
};

/// A message that certainly happened after `cause`: the first that somebody else than its author
/// and `but` sent after delivering it. None when nobody did, or nobody has delivered that since.
[[nodiscard]] std::optional<message_and_cause> first_after(std::span<const history* const> lives,
                                                           std::string_view cause,
                                                           std::string_view but);

}  // namespace causerie::checker
