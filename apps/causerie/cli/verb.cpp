// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/verb.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace causerie::apps {
namespace {

constexpr std::array<flag_spec, 9> globals{{
    {.name = "node",
     .kind = value_kind::text,
     .placeholder = "NAME",
     .summary = "which local node; needed only if several run",
     .setting = "client.node"},
    {.name = "config",
     .kind = value_kind::text,
     .placeholder = "FILE",
     .summary = "settings instead of the user's causerie.toml"},
    {.name = "json", .summary = "machine-readable answers", .setting = "output.json"},
    {.name = "color",
     .kind = value_kind::choice,
     .placeholder = "auto|always|never",
     .summary = "colours; NO_COLOR is heeded",
     .setting = "output.color"},
    {.name = "quiet", .summary = "answers and errors only", .letter = 'q'},
    {.name = "verbose", .summary = "say more; twice: debug", .letter = 'v', .repeated = true},
    {.name = "timeout",
     .kind = value_kind::time,
     .placeholder = "DUR",
     .summary = "how long to wait, such as 5s",
     .setting = "client.timeout"},
    {.name = "help", .summary = "this text", .letter = 'h'},
    {.name = "version", .summary = "the program's version"},
}};

std::string flag_head(const flag_spec& flag) {
  auto head = flag.letter != 0 ? fmt::format("-{}, --{}", flag.letter, flag.name)
                               : fmt::format("    --{}", flag.name);
  if (!flag.placeholder.empty()) head += fmt::format(" {}", flag.placeholder);
  if (flag.repeated && flag.kind != value_kind::toggle) head += "...";
  return head;
}

std::string flag_lines(std::span<const flag_spec> flags, bool testing) {
  std::string out;
  for (const auto& flag : flags)
    if (flag.testing == testing)
      out += fmt::format("  {:<28}  {}\n", flag_head(flag), flag.summary);
  return out;
}

}  // namespace

std::span<const flag_spec> global_flags() { return globals; }

const verb_spec* find_verb(std::span<const verb_spec> verbs, std::string_view name) {
  const auto found = std::ranges::find(verbs, name, &verb_spec::name);
  return found == verbs.end() ? nullptr : &*found;
}

const flag_spec* find_flag(const verb_spec& verb, std::string_view name) {
  if (const auto own = std::ranges::find(verb.flags, name, &flag_spec::name);
      own != verb.flags.end())
    return &*own;
  const auto shared = std::ranges::find(globals, name, &flag_spec::name);
  return shared == globals.end() ? nullptr : &*shared;
}

std::string help_text(std::span<const verb_spec> verbs) {
  std::string out =
      "causerie: peers that talk in causal order, without a broker\n\n"
      "usage: causerie VERB [ARGUMENTS] [FLAGS]\n\nverbs:\n";
  for (const auto& verb : verbs)
    if (!verb.hidden) out += fmt::format("  {:<8}  {}\n", verb.name, verb.summary);
  out += "\nflags of every verb, before or after it:\n" + flag_lines(globals, false);
  out +=
      "\nFirst steps: 'causerie demo' shows it all at work; 'causerie node --name a' runs a node.\n"
      "'causerie VERB --help' tells more about one verb.\n";
  return out;
}

std::string help_text(const verb_spec& verb) {
  auto out = fmt::format("usage: causerie {}", verb.name);
  for (const auto& positional : verb.positionals)
    out += fmt::format(fmt::runtime(positional.required ? " {}" : " [{}]"), positional.name);
  out += fmt::format(" [FLAGS]\n\n{}\n", verb.about.empty() ? verb.summary : verb.about);
  if (const auto own = flag_lines(verb.flags, false); !own.empty()) out += "\nflags:\n" + own;
  if (const auto testing = flag_lines(verb.flags, true); !testing.empty())
    out += "\nfor testing:\n" + testing;
  return out + "\nflags of every verb:\n" + flag_lines(globals, false);
}

}  // namespace causerie::apps
