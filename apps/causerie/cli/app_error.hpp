// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <exception>
#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "apps/causerie/cli/exit_code.hpp"

namespace causerie::apps {

/// Why the program stops: what failed on what and why, and one hint that can be typed.
/// Thrown anywhere in the program, caught by `main` alone, shown in at most three lines.
struct app_error : std::exception {
  std::string code;  ///< Stable, for scripts: `no-node`, `unknown-key`, ...
  exit_code exit = exit_code::internal;
  std::string message;  ///< Lower case, without "error: " and without a full stop.
  std::string because;  ///< One line of detail; may be empty.
  std::string hint;     ///< Something to type or to look at; may be empty.
  std::map<std::string, std::string> details;  ///< The same facts for scripts.

  app_error(std::string code_, exit_code exit_, std::string message_, std::string hint_ = {},
            std::string because_ = {})
      : code{std::move(code_)},
        exit{exit_},
        message{std::move(message_)},
        because{std::move(because_)},
        hint{std::move(hint_)} {}

  [[nodiscard]] const char* what() const noexcept override { return message.c_str(); }
};

/// `error: ...`, the detail, and `hint: ...`; the last line ends in a newline too.
[[nodiscard]] std::string error_text(const app_error& error);
/// Schema `causerie.error/1`.
[[nodiscard]] nlohmann::json error_json(const app_error& error);
/// What `error_json` made, read back from a node's answer. Missing fields become an internal error.
[[nodiscard]] app_error error_from_json(const nlohmann::json& object);

/// The usual shape of a wrong command line: exit 2.
[[nodiscard]] app_error usage_error(std::string message, std::string hint = {});

}  // namespace causerie::apps
