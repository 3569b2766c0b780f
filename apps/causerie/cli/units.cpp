// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <optional>

#include <fmt/format.h>

namespace causerie::apps {
namespace {

struct unit {
  std::string_view name;
  double factor;
};
constexpr std::array<unit, 7> time_units{{
    {"ns", 1},
    {"us", 1e3},
    {"ms", 1e6},
    {"s", 1e9},
    {"m", 60e9},
    {"min", 60e9},
    {"h", 3600e9},
}};
constexpr std::array<unit, 7> size_units{{
    {"B", 1},
    {"KiB", 1024},
    {"MiB", 1048576},
    {"GiB", 1073741824},
    {"kB", 1e3},
    {"MB", 1e6},
    {"GB", 1e9},
}};

/// The number a text begins with, and what follows it.
struct split_number {
  double value;
  std::string_view rest;
};

std::optional<split_number> split(std::string_view text) {
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(value)) return {};
  return split_number{value, {stop, static_cast<std::size_t>(end - stop)}};
}

template <std::size_t Count>
parsed<double> scaled(std::string_view text, const std::array<unit, Count>& units,
                      std::string_view example, std::string_view suggestion) {
  const auto number = split(text);
  if (!number)
    return tl::unexpected(unit_problem{fmt::format("'{}' does not begin with a number", text),
                                       fmt::format("say for example '{}'", example)});
  if (number->value < 0)
    return tl::unexpected(unit_problem{fmt::format("'{}' is negative", text),
                                       fmt::format("say for example '{}'", example)});
  if (number->rest.empty()) {
    if (number->value == 0) return 0.0;
    return tl::unexpected(unit_problem{fmt::format("'{}' has no unit", text),
                                       fmt::format(fmt::runtime(suggestion), text)});
  }
  for (const auto& [name, factor] : units)
    if (name == number->rest) return number->value * factor;
  std::string known;
  for (const auto& [name, _] : units) known += fmt::format("{}{}", known.empty() ? "" : ", ", name);
  return tl::unexpected(unit_problem{fmt::format("'{}' is not a known unit", number->rest),
                                     fmt::format("units are {}", known)});
}

}  // namespace

parsed<duration> parse_duration(std::string_view text) {
  const auto value = scaled(text, time_units, "200ms", "say '{0}ms' or '{0}s'");
  if (!value) return tl::unexpected(value.error());
  if (*value > 9.2e18)
    return tl::unexpected(unit_problem{fmt::format("'{}' is too long", text), "at most 290 years"});
  return duration{std::llround(*value)};
}

parsed<std::uint64_t> parse_byte_size(std::string_view text) {
  const auto value = scaled(text, size_units, "64KiB", "say '{0}B' or '{0}KiB'");
  if (!value) return tl::unexpected(value.error());
  if (*value > 9e18)
    return tl::unexpected(unit_problem{fmt::format("'{}' is too large", text), "at most 8 EiB"});
  return static_cast<std::uint64_t>(std::llround(*value));
}

parsed<double> parse_probability(std::string_view text) {
  const auto number = split(text);
  const bool percent = number && number->rest == "%";
  if (!number || (!number->rest.empty() && !percent))
    return tl::unexpected(unit_problem{fmt::format("'{}' is not a probability", text),
                                       "say a number from 0 to 1, such as '0.3', or '30%'"});
  const auto value = percent ? number->value / 100 : number->value;
  if (value < 0 || value > 1)
    return tl::unexpected(
        unit_problem{fmt::format("{} is not between 0 and 1", text),
                     fmt::format("{} percent is '{}%'", number->value, number->value)});
  return value;
}

parsed<std::uint64_t> parse_count(std::string_view text, std::uint64_t count_max) {
  std::uint64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end)
    return tl::unexpected(unit_problem{fmt::format("'{}' is not a whole number", text), ""});
  if (value > count_max)
    return tl::unexpected(
        unit_problem{fmt::format("{} is too many", text), fmt::format("at most {}", count_max)});
  return value;
}

parsed<bool> parse_switch(std::string_view text) {
  for (const auto* yes : {"true", "yes", "on", "1"})
    if (text == yes) return true;
  for (const auto* no : {"false", "no", "off", "0", ""})
    if (text == no) return false;
  return tl::unexpected(
      unit_problem{fmt::format("'{}' is neither yes nor no", text), "say 'true' or 'false'"});
}

std::string duration_text(duration value) {
  const auto ns = static_cast<double>(value.count());
  const auto three = [](double x, const char* unit_name) {
    return fmt::format("{:.{}f}{}", x, x >= 99.95 ? 0 : x >= 9.995 ? 1 : 2, unit_name);
  };
  if (std::abs(ns) < 1e3) return fmt::format("{}ns", value.count());
  if (std::abs(ns) < 1e6) return three(ns / 1e3, "us");
  if (std::abs(ns) < 1e9) return three(ns / 1e6, "ms");
  if (std::abs(ns) < 120e9) return three(ns / 1e9, "s");
  if (std::abs(ns) < 7200e9) return three(ns / 60e9, "m");
  return three(ns / 3600e9, "h");
}

std::string byte_size_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{}B", bytes);
  auto value = static_cast<double>(bytes) / 1024;
  const char* names[] = {"KiB", "MiB", "GiB", "TiB"};
  std::size_t i = 0;
  for (; value >= 1024 && i + 1 < std::size(names); ++i) value /= 1024;
  return fmt::format("{:.1f}{}", value, names[i]);
}

std::string time_text(std::chrono::system_clock::time_point when) {
  using namespace std::chrono;
  const auto ms = duration_cast<milliseconds>(when.time_since_epoch());
  const auto seconds_part = floor<seconds>(ms);
  const auto clock = static_cast<std::time_t>(seconds_part.count());
  std::tm broken{};
  gmtime_r(&clock, &broken);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", broken.tm_year + 1900,
                     broken.tm_mon + 1, broken.tm_mday, broken.tm_hour, broken.tm_min,
                     broken.tm_sec, (ms - seconds_part).count());
}

std::string time_ns_text(std::chrono::system_clock::time_point when) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count());
}

}  // namespace causerie::apps
