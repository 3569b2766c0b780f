// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <span>

#include <nlohmann/json_fwd.hpp>

#include "apps/causerie/cli/console.hpp"
#include "apps/simulation/named_days.hpp"
#include "apps/simulation/search.hpp"
#include "apps/simulation/shrink.hpp"

namespace causerie::apps {

/// What the simulator's verb answers, as JSON and for people.
[[nodiscard]] nlohmann::json json_of(const simulation::seed_result& day, int level);
[[nodiscard]] nlohmann::json json_of(const simulation::search_result& found,
                                     std::uint64_t first_seed, int level);
[[nodiscard]] nlohmann::json json_of(const simulation::shrink_result& small);
[[nodiscard]] nlohmann::json json_of(std::span<const simulation::named_day> days);

void say_day(console& terminal, const simulation::seed_result& day);
void say_found(console& terminal, const simulation::search_result& found, int level);
void say_shrunk(console& terminal, const simulation::shrink_result& small);
void say_named(console& terminal, std::span<const simulation::named_day> days);

}  // namespace causerie::apps
