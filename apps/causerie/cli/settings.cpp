// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/settings.hpp"

#include <algorithm>
#include <array>

#include <unistd.h>

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/folders.hpp"
#include "apps/causerie/cli/nearest.hpp"
#include "apps/causerie/cli/settings_file.hpp"
#include "protocol/assert.hpp"

namespace causerie::apps {
namespace {

constexpr std::array<setting_spec, 30> specs{{
    {"node.name", value_kind::text, ""},
    {.key = "node.listen", .kind = value_kind::text, .fallback = "127.0.0.1:0", .list = true},
    {.key = "node.join", .kind = value_kind::text, .fallback = "", .list = true},
    {"node.cluster", value_kind::text, "causerie"},
    {"node.data", value_kind::text, ""},
    {"node.memory-only", value_kind::toggle, "false"},
    {"node.journal-moved", value_kind::toggle, "false"},
    {"node.group-limit", value_kind::count, "256"},
    {"node.durable", value_kind::toggle, "false"},
    {"node.horizon", value_kind::time, "15m"},
    {"node.keep-messages", value_kind::count, "10000"},
    {"node.keep-bytes", value_kind::bytes, "64MiB"},
    {"node.keep-age", value_kind::time, ""},  // None: the horizon.
    {"node.discover", value_kind::toggle, "true"},
    {"node.profile", value_kind::choice, "any", "any|lan"},
    {"node.ping-interval", value_kind::time, ""},  // None: the profile's.
    {"node.stuck-after", value_kind::time, "2s"},
    {"store.sync", value_kind::choice, "normal", "normal|full"},
    {"faults.loss", value_kind::probability, "0"},
    {"faults.duplicate", value_kind::probability, "0"},
    {"faults.reorder", value_kind::probability, "0"},
    {"faults.corrupt", value_kind::probability, "0"},
    {"faults.delay", value_kind::time, "0s"},
    {"faults.jitter", value_kind::time, "0s"},
    {"faults.withhold", value_kind::text, ""},
    {"faults.seed", value_kind::count, "0"},
    {.key = "client.node",
     .kind = value_kind::text,
     .fallback = "",
     .short_variable = "CAUSERIE_NODE"},
    {"client.timeout", value_kind::time, "5s"},
    {.key = "output.json",
     .kind = value_kind::toggle,
     .fallback = "false",
     .short_variable = "CAUSERIE_JSON"},
    {"output.color", value_kind::choice, "auto", "auto|always|never"},
}};

std::vector<std::string> split_list(const setting_spec& spec, std::string_view text) {
  if (!spec.list) return {std::string{text}};
  std::vector<std::string> parts;
  for (std::size_t from = 0; from < text.size();) {
    const auto to = std::min(text.find(',', from), text.size());
    parts.emplace_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

/// A variable of one of our sections that names no key is a misspelt setting.
void refuse_unknown_variables(const settings::environment& variables) {
  std::vector<std::string> known;
  std::vector<std::string> prefixes;
  for (const auto& spec : setting_specs()) {
    known.push_back(environment_name(spec.key));
    prefixes.push_back(environment_name(spec.key.substr(0, spec.key.find('.'))) + '_');
  }
  const std::vector<std::string_view> names{known.begin(), known.end()};
  for (const auto& [name, _] : variables) {
    const auto ours =
        std::ranges::any_of(prefixes, [&](const auto& prefix) { return name.starts_with(prefix); });
    if (!ours || std::ranges::find(known, name) != known.end()) continue;
    const auto near = nearest(name, names);
    throw app_error{"unknown-key", exit_code::configuration,
                    fmt::format("unknown setting in the environment: '{}'", name),
                    near.empty() ? std::string{} : fmt::format("did you mean '{}'?", near)};
  }
}

}  // namespace

std::span<const setting_spec> setting_specs() { return specs; }

std::string environment_name(std::string_view key) {
  std::string name = "CAUSERIE_";
  for (const auto c : key) name += c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return name;
}

settings::environment process_environment() {
  settings::environment variables;
  for (auto* entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    if (equals != text.npos && (name.starts_with("CAUSERIE_") || name.starts_with("XDG_") ||
                                name == "HOME" || name == "NO_COLOR" || name == "TERM"))
      variables.emplace(name, text.substr(equals + 1));
  }
  return variables;
}

settings settings::load(const verb_spec& verb, const arguments& given,
                        const environment& variables) {
  settings loaded;
  loaded.variables_ = variables;
  loaded.take_defaults();
  auto file = given.text("config", loaded.variable("CAUSERIE_CONFIG"));
  if (file.empty()) {
    const auto usual = config_folder(variables) / "causerie.toml";
    std::error_code ignored;
    if (std::filesystem::exists(usual, ignored)) file = usual.string();
  }
  if (!file.empty())
    settings_file{file}.read(
        [&](const setting_spec& spec, std::vector<std::string> texts, std::string where) {
          loaded.values_[std::string{spec.key}] = {std::move(texts),
                                                   {origin::source::file, std::move(where)}};
        });
  loaded.take_environment();
  loaded.take_flags(verb, given);
  return loaded;
}

void settings::take_defaults() {
  for (const auto& spec : specs)
    values_[std::string{spec.key}] = {split_list(spec, spec.fallback), {}};
}

void settings::take_environment() {
  refuse_unknown_variables(variables_);
  for (const auto& spec : specs)
    for (const auto& name : {std::string{spec.short_variable}, environment_name(spec.key)}) {
      const auto found = variables_.find(name);
      if (found == variables_.end()) continue;
      value taken{split_list(spec, found->second), {origin::source::environment, name}};
      for (const auto& text : taken.texts)
        if (const auto checked = checked_value(spec.kind, text, spec.choices); !checked)
          throw app_error{"bad-value", exit_code::configuration,
                          fmt::format("{}: {}", name, checked.error().why), checked.error().hint};
      values_[std::string{spec.key}] = std::move(taken);
    }
}

void settings::take_flags(const verb_spec& verb, const arguments& given) {
  const auto take = [&](std::span<const flag_spec> flags) {
    for (const auto& flag : flags) {
      if (flag.setting.empty() || !given.has(flag.name)) continue;
      // `--no-discover` says no to `node.discover`.
      const bool negated = flag.name.starts_with("no-");
      values_[std::string{flag.setting}] = {
          negated ? std::vector<std::string>{"false"} : given.all(flag.name),
          {origin::source::flag, fmt::format("--{}", flag.name)}};
    }
  };
  take(global_flags());
  take(verb.flags);
}

const settings::value& settings::at(std::string_view key) const {
  const auto found = values_.find(key);
  CAUSERIE_ASSERT(found != values_.end());
  return found->second;
}

std::string settings::text(std::string_view key) const {
  const auto& texts = at(key).texts;
  return texts.empty() ? std::string{} : texts.back();
}
const std::vector<std::string>& settings::list(std::string_view key) const { return at(key).texts; }
duration settings::time(std::string_view key) const { return parse_duration(text(key)).value(); }
std::uint64_t settings::count(std::string_view key) const { return parse_count(text(key)).value(); }
std::uint64_t settings::bytes(std::string_view key) const {
  return parse_byte_size(text(key)).value();
}
double settings::probability(std::string_view key) const {
  return parse_probability(text(key)).value();
}
bool settings::on(std::string_view key) const { return parse_switch(text(key)).value(); }
const origin& settings::origin_of(std::string_view key) const { return at(key).from; }
std::string settings::variable(std::string_view name) const {
  const auto found = variables_.find(name);
  return found == variables_.end() ? std::string{} : found->second;
}

}  // namespace causerie::apps
