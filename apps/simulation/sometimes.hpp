// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "apps/simulation/node_counters.hpp"

namespace causerie::simulation {

/// How often each rare thing happened. A search that never sees one has not tested what follows
/// from it: "sometimes" assertions, as in the tests of FoundationDB.
using sometimes_counts = std::map<std::string, std::uint64_t>;

/// Everything that a search at this level should see happen. The names are kept stable.
[[nodiscard]] const std::vector<std::string>& sometimes_points(int level);

/// Whether standard days reach it too seldom (below five times in 300 seeds) to be asked for.
[[nodiscard]] bool is_seldom(const std::string& name);

/// Adds what a node's machines counted. Points that never happened are left out.
void add_counted(sometimes_counts& counts, const node_counters& counted);

/// The points of this level that were reached fewer than `times` times.
[[nodiscard]] std::vector<std::string> points_missed(const sometimes_counts& counts, int level,
                                                     std::uint64_t times);

}  // namespace causerie::simulation
