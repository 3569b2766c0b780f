// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace causerie::apps {

/// Lines that the demo's members say: those of `files`, or of the system's licence texts, or of a
/// built-in text where there are none. Trimmed, not empty, at most 200 bytes each, at most 20,000.
/// Throws app_error when one of `files` cannot be read or holds no line.
[[nodiscard]] std::vector<std::string> demo_lines(const std::vector<std::string>& files);

/// What a member of the demo says: `[n3:17] text`, or `[n3:18 re n1:4] text` for an answer.
/// The id is the application's own and unique in the run.
struct demo_message {
  std::string id;
  std::string question;  ///< The id that is answered; empty if none.
  std::string text;
};
[[nodiscard]] std::string to_text(const demo_message& message);
/// Anything else becomes a message without an id.
[[nodiscard]] demo_message demo_message_of(std::string_view text);

/// `n3` and 17 of `n3:17`; an index of 0 when there is none.
struct demo_place {
  std::string author;
  std::uint64_t index = 0;
};
[[nodiscard]] demo_place demo_place_of(std::string_view id);

}  // namespace causerie::apps
