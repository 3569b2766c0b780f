// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace causerie::apps {

/// A group message as people write it: `GROUP/SENDER:NUMBER`, without `GROUP/` where the node is in
/// one group only, and with `SENDER@LIFE` for an earlier life than the newest.
struct message_name {
  std::string group;       ///< Empty: not said.
  std::string sender;      ///< A name, an id, or the beginning of one.
  std::uint64_t life = 0;  ///< A boot epoch; 0: the newest.
  std::uint64_t number = 0;

  /// Throws app_error, exit 2, for what is no such name.
  [[nodiscard]] static message_name parse(std::string_view text);
};

}  // namespace causerie::apps
