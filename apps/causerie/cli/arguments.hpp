// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/causerie/cli/units.hpp"
#include "apps/causerie/cli/verb.hpp"

namespace causerie::apps {

/// What was typed, already checked against the verb's table: the getters cannot fail.
class arguments {
public:
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  /// How often a toggle was given (`-vv`).
  [[nodiscard]] std::size_t times(std::string_view name) const;
  /// All values in order; none if not given.
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
  /// The last value given, else `fallback`.
  [[nodiscard]] std::string text(std::string_view name, std::string_view fallback = {}) const;
  [[nodiscard]] std::uint64_t count(std::string_view name, std::uint64_t fallback) const;
  [[nodiscard]] duration time(std::string_view name, duration fallback) const;
  [[nodiscard]] std::uint64_t bytes(std::string_view name, std::uint64_t fallback) const;
  [[nodiscard]] double probability(std::string_view name, double fallback) const;

  void add(std::string_view name, std::string value);

private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

struct command_line {
  const verb_spec* verb = nullptr;  ///< None with a bare `--help` or `--version`.
  bool help = false;
  bool version = false;
  arguments given;
};

/// Understands `words` (without the program's name). The verb is looked up first, so a misspelt
/// one is called that. Throws app_error: unknown verb or flag, missing or superfluous argument,
/// a value that is not of its kind; exit 2 each.
[[nodiscard]] command_line parse_command_line(std::span<const std::string> words,
                                              std::span<const verb_spec> verbs);

/// Checks that `value` is of that kind; the problem otherwise. `choices`: `a|b|c`.
[[nodiscard]] parsed<std::string> checked_value(value_kind kind, std::string_view value,
                                                std::string_view choices);

}  // namespace causerie::apps
