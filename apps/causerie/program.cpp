// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/program.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/invocation.hpp"
#include "apps/causerie/cli/json_text.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

/// Errors may come before the settings are known, so the words themselves are looked at too.
bool wants_json(const std::vector<std::string>& words, const settings::environment& variables) {
  const auto set = variables.find("CAUSERIE_JSON");
  if (set != variables.end() && parse_switch(set->second).value_or(false)) return true;
  return std::find(words.begin(), std::find(words.begin(), words.end(), "--"), "--json") !=
         std::find(words.begin(), words.end(), "--");
}

exit_code run_checked(const std::vector<std::string>& words,
                      const settings::environment& variables) {
  const auto line = parse_command_line(words, verb_table());
  if (line.help) {
    fmt::print("{}", line.verb != nullptr ? help_text(*line.verb) : help_text(verb_table()));
    return exit_code::done;
  }
  const auto* verb = line.version ? find_verb(verb_table(), "version") : line.verb;
  if (verb == nullptr)
    throw usage_error("a verb is missing",
                      "'causerie --help' lists all; 'causerie demo' shows it all at work");
  const auto chosen = settings::load(*verb, line.given, variables);
  console terminal{chosen, line.given};
  invocation run{*verb, line.given, chosen, terminal};
  return verb->run(run);
}

exit_code fail(const app_error& error, bool json) {
  std::fflush(stdout);
  fmt::print(stderr, "{}", json ? json_line(error_json(error)) + '\n' : error_text(error));
  return error.exit;
}

}  // namespace

exit_code run_program(const std::vector<std::string>& words,
                      const settings::environment& variables) {
  const bool json = wants_json(words, variables);
  try {
    return run_checked(words, variables);
  } catch (const app_error& error) {
    return fail(error, json);
  } catch (const std::exception& error) {
    return fail({"internal", exit_code::internal, fmt::format("internal error: {}", error.what()),
                 "please report this, with the command that led to it"},
                json);
  }
}

}  // namespace causerie::apps
