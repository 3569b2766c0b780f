// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace causerie::apps {

/// An item of a group's stream for people. A message is `wren: hello`; everything else is a remark,
/// such as `-- wren has left`. Safe for a terminal.
struct group_line {
  bool message = false;
  std::string text;
};
[[nodiscard]] group_line group_line_of(const nlohmann::json& item);

}  // namespace causerie::apps
