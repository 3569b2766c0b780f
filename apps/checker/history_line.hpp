// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apps/checker/history.hpp"

namespace causerie::checker {

/// One entry with the life it belongs to.
struct history_line {
  std::string node;
  std::uint64_t life = 0;
  entry what;
};

/// A line of schema `causerie.history/1`, its newline included. 64-bit values that JSON readers
/// would round (times, hashes) are strings.
[[nodiscard]] std::string to_line(std::string_view node, std::uint64_t life, const entry& what);

/// None for anything that `to_line` does not write.
[[nodiscard]] std::optional<history_line> from_line(std::string_view line);

}  // namespace causerie::checker
