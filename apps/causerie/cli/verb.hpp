// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/causerie/cli/exit_code.hpp"

namespace causerie::apps {

struct invocation;

/// What a flag or key takes. `toggle`: nothing on the command line, yes/no elsewhere.
enum class value_kind { toggle, text, count, time, bytes, probability, choice };

/// One flag of a verb. Help, did-you-mean and the parser all read these.
struct flag_spec {
  std::string_view name;  ///< Without the dashes.
  value_kind kind = value_kind::toggle;
  std::string_view placeholder;  ///< `ADDR`; empty for toggles; the choices, `a|b|c`, for a choice.
  std::string_view summary;
  std::string_view setting{};  ///< The key it overrides: `node.listen`.
  char letter = 0;
  bool repeated = false;
  bool testing = false;  ///< Listed apart, under "testing".
};

struct positional_spec {
  std::string_view name;  ///< Upper case as in help; the choices, `run|search`, if there are any.
  bool required = true;
};

struct verb_spec {
  std::string_view name;
  std::string_view summary;  ///< One line for the list.
  std::string_view about;    ///< A paragraph for the verb's own help.
  std::vector<positional_spec> positionals;
  std::vector<flag_spec> flags;
  exit_code (*run)(invocation&) = nullptr;
  bool hidden = false;  ///< For the program's own child processes.
};

/// Flags that every verb takes, before or after it.
[[nodiscard]] std::span<const flag_spec> global_flags();

[[nodiscard]] const verb_spec* find_verb(std::span<const verb_spec> verbs, std::string_view name);
[[nodiscard]] const flag_spec* find_flag(const verb_spec& verb, std::string_view name);

/// `causerie --help` and `causerie VERB --help`.
[[nodiscard]] std::string help_text(std::span<const verb_spec> verbs);
[[nodiscard]] std::string help_text(const verb_spec& verb);

}  // namespace causerie::apps
