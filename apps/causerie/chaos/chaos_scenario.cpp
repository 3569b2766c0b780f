// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/chaos_scenario.hpp"

#include <array>

#include <fmt/format.h>

namespace causerie::apps {

std::string_view name_of(step_verb verb) noexcept {
  static constexpr std::array<std::string_view, 20> names{
      "kill",        "start",     "restart",    "join",       "leave",     "pause",   "cpu-hog",
      "slow-reader", "partition", "loss",       "delay",      "duplicate", "reorder", "corrupt",
      "skew",        "disk-full", "slow-fsync", "disk-fails", "withhold",  "heal"};
  return names[static_cast<std::size_t>(verb)];
}

std::string_view name_of(partition_shape shape) noexcept {
  static constexpr std::array<std::string_view, 5> names{"halves", "isolate", "one-way", "bridge",
                                                         "flapping"};
  return names[static_cast<std::size_t>(shape)];
}

std::string_view name_of(chaos_check check) noexcept {
  static constexpr std::array<std::string_view, 16> names{
      "no-loss",          "no-gap",           "no-duplicate",
      "causal-order",     "fifo-order",       "true-outcomes",
      "no-forgery",       "converged-within", "detected-within",
      "repaired-within",  "members",          "false-dead-at-most",
      "restarts-at-most", "memory-at-most",   "delivered-at-least",
      "why-names-it"};
  return names[static_cast<std::size_t>(check)];
}

std::string node_name(std::uint32_t node) { return fmt::format("n{}", node + 1); }

std::string withheld_id(const chaos_step& step) {
  return fmt::format("{}.1:{}", node_name(step.author), step.number);
}

std::string place_text(const chaos_scenario& scenario, const file_place& at) {
  return fmt::format("{}:{}:{}", scenario.file, at.line, at.column);
}

}  // namespace causerie::apps
