// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <compare>
#include <string>

#include "protocol/ids.hpp"

namespace causerie::protocol {

/// A private channel: one direction, from one node to another, told apart by name.
struct channel_key {
  node_id peer;
  std::string name;  ///< UTF-8, 1-64 bytes; names that begin with '~' are causerie's own.
  friend auto operator<=>(const channel_key&, const channel_key&) = default;
};

}  // namespace causerie::protocol
