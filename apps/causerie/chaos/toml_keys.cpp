// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/toml_keys.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/nearest.hpp"

namespace causerie::apps {
namespace {

file_place place_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

std::string did_you_mean(std::string_view text, const std::vector<std::string_view>& known) {
  const auto near = nearest(text, known);
  return near.empty() ? std::string{} : fmt::format("did you mean '{}'?", near);
}

}  // namespace

void wrong_in_file(const std::string& file, const file_place& at, std::string why, std::string hint,
                   std::string because) {
  app_error error{"bad-scenario", exit_code::configuration,
                  fmt::format("{}:{}:{}: {}", file, at.line, at.column, why), std::move(hint),
                  std::move(because)};
  error.details = {
      {"file", file}, {"line", std::to_string(at.line)}, {"column", std::to_string(at.column)}};
  throw error;
}

void toml_value::wrong(std::string why, std::string hint, std::string because) const {
  wrong_in_file(*file, place, fmt::format("{}: {}", key, why), std::move(hint), std::move(because));
}

std::string toml_value::text() const {
  const auto value = node->value_exact<std::string>();
  if (!value) wrong("not a text", "texts stand in quotes");
  return *value;
}

std::vector<std::string> toml_value::texts() const {
  const auto* list = node->as_array();
  if (list == nullptr) return {text()};
  std::vector<std::string> all;
  for (const auto& part : *list) {
    const auto value = part.value_exact<std::string>();
    if (!value) wrong_in_file(*file, place_of(part.source()), key + ": not a text");
    all.push_back(*value);
  }
  if (all.empty()) wrong("an empty list", "name one at least");
  return all;
}

duration toml_value::time() const {
  const auto given = node->value_exact<std::string>();
  if (!given) wrong("not a duration", "say for example \"200ms\"");
  const auto value = parse_duration(*given);
  if (!value) wrong(value.error().why, value.error().hint);
  return *value;
}

duration toml_value::signed_time() const {
  const auto given = text();
  const bool negative = given.starts_with('-');
  const auto value = parse_duration(negative ? given.substr(1) : given);
  if (!value) wrong(value.error().why, value.error().hint);
  return negative ? -*value : *value;
}

std::pair<duration, duration> toml_value::times() const {
  const auto given = text();
  const auto dots = given.find("..");
  const auto low = parse_duration(given.substr(0, dots));
  const auto high = dots == given.npos ? low : parse_duration(given.substr(dots + 2));
  if (!low) wrong(low.error().why, low.error().hint);
  if (!high) wrong(high.error().why, high.error().hint);
  if (*low > *high)
    wrong(fmt::format("'{}' ends before it begins", given), "the smaller figure comes first");
  return {*low, *high};
}

double toml_value::probability() const {
  if (const auto number = node->value<double>()) {
    if (*number < 0 || *number > 1) wrong(fmt::format("{} is no probability", *number), "0 to 1");
    return *number;
  }
  const auto value = parse_probability(text());
  if (!value) wrong(value.error().why, value.error().hint);
  return *value;
}

bool toml_value::yes() const {
  const auto* value = node->as_boolean();  // `value<bool>` would take a number.
  if (value == nullptr) wrong("neither true nor false", "say true, or leave it out");
  return value->get();
}

std::uint64_t toml_value::count(std::uint64_t low, std::uint64_t high) const {
  const auto value = node->value_exact<std::int64_t>();
  if (!value) wrong("not a whole number");
  if (*value < 0 || static_cast<std::uint64_t>(*value) < low ||
      static_cast<std::uint64_t>(*value) > high)
    wrong(fmt::format("{} is out of bounds", *value), fmt::format("{} to {}", low, high));
  return static_cast<std::uint64_t>(*value);
}

std::uint64_t toml_value::bytes() const {
  const auto value = parse_byte_size(text());
  if (!value) wrong(value.error().why, value.error().hint);
  return *value;
}

double toml_value::rate() const {
  const auto given = text();
  const auto slash = given.rfind('/');
  const auto amount = parse_count(given.substr(0, slash));
  const auto unit = slash == given.npos ? std::string{} : given.substr(slash + 1);
  const double seconds = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  if (!amount || seconds == 0)
    wrong(fmt::format("'{}' is no rate", given), "say for example \"200/s\" or \"30/m\"");
  return static_cast<double>(*amount) / seconds;
}

std::size_t toml_value::one_of(const std::vector<std::string_view>& names,
                               std::string_view what) const {
  const auto given = text();
  const auto found = std::ranges::find(names, given);
  if (found == names.end())
    wrong_in_file(*file, place, fmt::format("unknown {} '{}'", what, given),
                  did_you_mean(given, names), fmt::format("known: {}", fmt::join(names, ", ")));
  return static_cast<std::size_t>(found - names.begin());
}

toml_keys::toml_keys(const std::string& file, const toml::table& table, std::string what)
    : file_{file}, what_{std::move(what)}, place_{place_of(table.source())} {
  for (const auto& [key, node] : table)
    values_.emplace(std::string{key.str()},
                    toml_value{&file_, std::string{key.str()}, place_of(key.source()),
                               place_of(node.source()), &node});
}

std::optional<toml_value> toml_keys::take(std::string_view key) {
  asked_.emplace_back(key);
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  auto value = std::move(found->second);
  values_.erase(found);
  return value;
}

toml_value toml_keys::need(std::string_view key, std::string_view hint) {
  if (auto value = take(key)) return *value;
  wrong_in_file(file_, place_, fmt::format("{} without '{}'", what_, key), std::string{hint});
}

std::vector<toml_value> toml_keys::left() const {
  std::vector<toml_value> all;
  for (const auto& [_, value] : values_) all.push_back(value);
  std::ranges::sort(all, {}, [](const toml_value& value) {
    return std::pair{value.key_place.line, value.key_place.column};
  });
  return all;
}

void toml_keys::end() const {
  if (values_.empty()) return;
  const auto first = left().front();
  const std::vector<std::string_view> known{asked_.begin(), asked_.end()};
  wrong_in_file(file_, first.key_place, fmt::format("unknown key '{}' in {}", first.key, what_),
                did_you_mean(first.key, known), fmt::format("known: {}", fmt::join(known, ", ")));
}

}  // namespace causerie::apps
