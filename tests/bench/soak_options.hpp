// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace causerie::bench {

/// What a soak is asked to measure.
struct soak_options {
  std::vector<std::size_t> members{10, 100, 1000};
  std::vector<double> losses{0.0, 0.2, 0.4};
  double node_hours = 50;  ///< Per cell, without the crashes.
  std::size_t crashes = 30;
  std::uint64_t seed = 1;
  bool pauses = false;      ///< A quarter of the members stands still at random.
  bool refusals = false;    ///< Hosts say when nobody listens.
  bool plain_swim = false;  ///< For comparison.
  bool lan = false;         ///< The profile of that name.
  bool json = false;
  bool check = false;  ///< Fail when a bar is missed.

  // The whole table, made in slices, instead of single cells.
  std::string table;       ///< The file that keeps the slices; empty: no table.
  double cpu_minutes = 0;  ///< Processor time to spend on more of them; 0: only show the table.
};

inline constexpr const char* soak_usage =
    "usage: membership_soak [--members N,...] [--loss P,...] [--hours NODE_HOURS] [--crashes N]\n"
    "                       [--seed N] [--pauses] [--refusals] [--plain-swim] [--lan] [--json]\n"
    "                       [--check]\n"
    "       membership_soak --table FILE [--cpu-minutes N] [--json] [--check]\n";

/// None when the arguments make no sense.
[[nodiscard]] std::optional<soak_options> parse_options(std::span<const char* const> arguments);

}  // namespace causerie::bench
