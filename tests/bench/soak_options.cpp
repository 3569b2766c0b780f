// SPDX-License-Identifier: BSL-1.0
#include "tests/bench/soak_options.hpp"

#include <cstdlib>
#include <map>
#include <string_view>

namespace causerie::bench {
namespace {

std::optional<double> number(const std::string& text) {
  char* end = nullptr;
  const auto value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 0)) return std::nullopt;
  return value;
}

/// "10,100": every part a number from `low` to `high`.
std::vector<double> numbers(std::string_view text, double low, double high) {
  std::vector<double> found;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto value = number(std::string{text.substr(0, comma)});
    if (!value || *value < low || *value > high) return {};
    found.push_back(*value);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return found;
}

bool set_flag(soak_options& to, std::string_view name) {
  const std::map<std::string_view, bool*> flags{
      {"--pauses", &to.pauses}, {"--refusals", &to.refusals}, {"--plain-swim", &to.plain_swim},
      {"--lan", &to.lan},       {"--json", &to.json},         {"--check", &to.check}};
  const auto found = flags.find(name);
  if (found == flags.end()) return false;
  *found->second = true;
  return true;
}

bool set_value(soak_options& to, std::string_view name, std::string_view text) {
  if (name == "--members") {
    to.members.clear();
    for (const auto count : numbers(text, 2, 5000))
      to.members.push_back(static_cast<std::size_t>(count));
    return !to.members.empty();
  }
  if (name == "--loss") {
    to.losses = numbers(text, 0, 0.9);
    return !to.losses.empty();
  }
  if (name == "--table") {
    to.table = text;
    return !to.table.empty();
  }
  const auto value = number(std::string{text});
  if (!value) return false;
  if (name == "--hours") {
    to.node_hours = *value;
  } else if (name == "--crashes") {
    to.crashes = static_cast<std::size_t>(*value);
  } else if (name == "--cpu-minutes") {
    to.cpu_minutes = *value;
  } else if (name == "--seed") {
    to.seed = static_cast<std::uint64_t>(*value);
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::optional<soak_options> parse_options(std::span<const char* const> arguments) {
  soak_options chosen;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (set_flag(chosen, arguments[i])) continue;
    if (i + 1 == arguments.size() || !set_value(chosen, arguments[i], arguments[i + 1]))
      return std::nullopt;
    ++i;
  }
  return chosen;
}

}  // namespace causerie::bench
