// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <string_view>

namespace causerie::apps {

/// A line typed in `causerie chat`.
struct chat_line {
  enum class kind { nothing, say, who, msg, nick, help, quit, unknown };
  kind what = kind::nothing;
  std::string to;    ///< Of msg.
  std::string text;  ///< What to say, the new nick, or the hint for an unknown word.
};

/// A slash begins a command, two slashes a text that begins with one.
[[nodiscard]] chat_line parse_chat_line(std::string_view line);

/// A nick travels in front of the text, so that `pub`, `sub` and older programs still read it:
/// `<kite> hello`. Without a nick the node's name serves.
[[nodiscard]] std::string with_nick(std::string_view nick, std::string_view text);
/// `wren: hello`, or `kite (wren): hello` for a text that bears a nick.
[[nodiscard]] std::string spoken(std::string_view from, std::string_view text);

}  // namespace causerie::apps
