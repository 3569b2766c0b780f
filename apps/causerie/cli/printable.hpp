// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace causerie::apps {

/// A peer's text made safe for a terminal: control characters (C0, DEL, C1) and bytes that are not
/// UTF-8 become U+FFFD, so that no message moves the cursor or retitles the window.
[[nodiscard]] std::string printable(std::string_view text);

/// Well-formed UTF-8 (RFC 3629), control characters included.
[[nodiscard]] bool is_utf8(std::string_view text);

/// Columns a text takes on a terminal, counting each code point as one.
[[nodiscard]] std::size_t columns(std::string_view text);

/// At most `columns_max` code points; a longer text ends in an ellipsis.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t columns_max);

}  // namespace causerie::apps
