// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/world_limits.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"

namespace causerie::apps {
namespace {

app_error cannot(const chaos_scenario& scenario, const file_place& at, const std::string& what,
                 const std::string& why, const std::string& hint) {
  return {"cannot-do", exit_code::usage,
          fmt::format("{}: '{}' cannot be had: {}", place_text(scenario, at), what, why), hint};
}

}  // namespace

void refuse_in_simulation(const chaos_scenario& scenario) {
  for (const auto& expect : scenario.expects)
    if (expect.check == chaos_check::memory_at_most)
      throw cannot(scenario, expect.place, std::string{name_of(expect.check)},
                   "simulated nodes share one process", "--live measures it");
}

double load_of(const chaos_scenario& scenario, std::uint32_t node, bool in_private) {
  double sum = 0;
  for (const auto& load : scenario.loads) {
    if (load.in_private != in_private) continue;
    if (load.from.empty())
      sum += load.per_second / scenario.nodes_in_all();
    else if (std::ranges::find(load.from, node) != load.from.end())
      sum += load.per_second / static_cast<double>(load.from.size());
  }
  return sum;
}

std::optional<std::uint32_t> node_named(const std::string& name) {
  if (!name.starts_with('n')) return std::nullopt;
  const auto number = parse_count(name.substr(1), chaos_nodes_max);
  if (!number || *number == 0) return std::nullopt;
  return static_cast<std::uint32_t>(*number - 1);
}

}  // namespace causerie::apps
