// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "apps/simulation/fault_plan.hpp"

namespace causerie::simulation {

/// A part of a seed's day: what it leaves out does not happen, all else is as drawn. How a failing
/// day is made small, and how the small one is said on a command line.
struct excerpt {
  using numbers = std::vector<std::uint32_t>;

  std::optional<numbers> nodes;                  ///< Those that ever start; in order.
  std::optional<numbers> faults;                 ///< Those of the plan that happen; in order.
  std::optional<std::vector<std::string>> with;  ///< Of `classes`: those that are on.
  std::optional<duration> chaos;                 ///< How long it lasts; whole milliseconds.
  std::optional<std::uint64_t> messages;         ///< What applications may say in all.
  /// Another course of the same day: all chance but that of the day and its faults is drawn anew.
  std::uint64_t luck = 0;

  /// Weather, settings and talk that can be left out each for itself.
  [[nodiscard]] static const std::vector<std::string>& classes();
  /// Everything that the day has, spelt out.
  [[nodiscard]] static excerpt whole(const scenario& today, const day& drawn,
                                     const std::vector<fault>& plan);

  /// One word: `nodes=0-2,5/faults=3/with=loss,durable/chaos=5200ms/messages=40/luck=2`.
  [[nodiscard]] std::string text() const;
  /// What `text` wrote, or why it is nothing of the kind.
  [[nodiscard]] static tl::expected<excerpt, std::string> parse(std::string_view text);

  [[nodiscard]] bool has_node(std::uint32_t node) const;
  [[nodiscard]] bool has(std::string_view class_name) const;
  void cut_down(scenario& today) const;
  void cut_down(day& drawn) const;
  void cut_down(std::vector<fault>& plan) const;

  bool operator==(const excerpt&) const = default;
};

}  // namespace causerie::simulation
