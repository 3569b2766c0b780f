// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace causerie::apps {

using duration = std::chrono::nanoseconds;

/// Why a text is not a value: the caller knows on what (a flag, a key, a line of a file).
struct unit_problem {
  std::string why;   ///< `'200' has no unit`
  std::string hint;  ///< `say '200ms' or '200s'`
};
template <class Value>
using parsed = tl::expected<Value, unit_problem>;

/// `200ms`, `1.5s`, `2m`; units ns us ms s m h. A bare number other than 0 is a problem.
[[nodiscard]] parsed<duration> parse_duration(std::string_view text);
/// `512B`, `64KiB`, `1MiB`, `2GiB`, and the decimal `kB`, `MB`, `GB`.
[[nodiscard]] parsed<std::uint64_t> parse_byte_size(std::string_view text);
/// `0.3` or `30%`: between 0 and 1.
[[nodiscard]] parsed<double> parse_probability(std::string_view text);
/// A whole number from 0 to `count_max`.
[[nodiscard]] parsed<std::uint64_t> parse_count(std::string_view text,
                                                std::uint64_t count_max = UINT64_MAX);
/// yes/no, true/false, on/off, 1/0.
[[nodiscard]] parsed<bool> parse_switch(std::string_view text);

/// Three significant digits and the unit that suits: `4.2ms`, `1.50s`.
[[nodiscard]] std::string duration_text(duration value);
/// `64.0KiB`.
[[nodiscard]] std::string byte_size_text(std::uint64_t bytes);
/// RFC 3339 in UTC with milliseconds: `2026-03-01T12:00:00.123Z`.
[[nodiscard]] std::string time_text(std::chrono::system_clock::time_point when);
/// Nanoseconds since 1970 UTC, as text: more than a JSON number holds.
[[nodiscard]] std::string time_ns_text(std::chrono::system_clock::time_point when);

}  // namespace causerie::apps
