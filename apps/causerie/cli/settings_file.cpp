// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/settings_file.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/file_text.hpp"
#include "apps/causerie/cli/nearest.hpp"

namespace causerie::apps {
namespace {

std::string place(const std::string& file, const toml::source_region& region) {
  return fmt::format("{}:{}:{}", file, region.begin.line, region.begin.column);
}

app_error config_error(std::string code, const std::string& where, const std::string& why,
                       std::string hint) {
  app_error error{std::move(code), exit_code::configuration, fmt::format("{}: {}", where, why),
                  std::move(hint)};
  error.details["where"] = where;
  return error;
}

app_error unknown_key(const std::string& where, const std::string& key) {
  std::vector<std::string_view> known;
  for (const auto& spec : setting_specs()) known.push_back(spec.key);
  const auto near = nearest(key, known);
  auto error = config_error("unknown-key", where, fmt::format("unknown key '{}'", key),
                            near.empty() ? std::string{} : fmt::format("did you mean '{}'?", near));
  error.details["key"] = key;
  return error;
}

app_error unknown_section(const std::string& where, std::string_view section) {
  std::vector<std::string_view> known;
  for (const auto& spec : setting_specs()) known.push_back(spec.key.substr(0, spec.key.find('.')));
  const auto near = nearest(section, known);
  return config_error("unknown-key", where, fmt::format("unknown section '{}'", section),
                      near.empty() ? std::string{} : fmt::format("did you mean '{}'?", near));
}

/// A scalar as a person would have typed it after a flag; none for tables and dates.
std::optional<std::string> scalar_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  return {};
}

toml::table parse(const std::filesystem::path& path) {
  const auto text = file_text(path);
  if (!text)
    throw config_error("config-unreadable", path.string(), "cannot be read",
                       "--config names another file");
  try {
    return toml::parse(*text, std::string_view{path.native()});
  } catch (const toml::parse_error& problem) {
    throw config_error("config-malformed", place(path.string(), problem.source()),
                       std::string{problem.description()}, "the file is TOML: https://toml.io");
  }
}

std::vector<std::string> value_texts(const setting_spec& spec, const toml::node& node,
                                     const std::string& where) {
  std::vector<std::string> texts;
  const auto take = [&](const toml::node& part) {
    const auto text = scalar_text(part);
    const auto checked =
        text ? checked_value(spec.kind, *text, spec.choices)
             : parsed<std::string>{tl::unexpected(unit_problem{"not a plain value", ""})};
    if (!checked)
      throw config_error("bad-value", where, fmt::format("{}: {}", spec.key, checked.error().why),
                         checked.error().hint);
    texts.push_back(*text);
  };
  if (const auto* array = node.as_array(); array != nullptr && spec.list) {
    for (const auto& part : *array) take(part);
  } else {
    take(node);
  }
  return texts;
}

}  // namespace

void settings_file::read(const taker& take) const {
  const auto file = path_.string();
  for (const auto& [section, node] : parse(path_)) {
    const auto* table = node.as_table();
    if (table == nullptr) throw unknown_key(place(file, section.source()), std::string{section});
    const auto prefix = std::string{section.str()} + '.';
    if (std::ranges::none_of(setting_specs(),
                             [&](const auto& spec) { return spec.key.starts_with(prefix); }))
      throw unknown_section(place(file, section.source()), section.str());
    for (const auto& [name, value] : *table) {
      const auto key = prefix + std::string{name.str()};
      const auto spec = std::ranges::find(setting_specs(), key, &setting_spec::key);
      if (spec == setting_specs().end()) throw unknown_key(place(file, name.source()), key);
      take(*spec, value_texts(*spec, value, place(file, value.source())),
           fmt::format("{}:{}", file, name.source().begin.line));
    }
  }
}

}  // namespace causerie::apps
