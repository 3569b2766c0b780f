// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <vector>

#include "apps/causerie/chaos/chaos_scenario.hpp"
#include "apps/simulation/fault_plan.hpp"

namespace causerie::apps {

using fault_kind = simulation::fault::kind;

/// What a scenario's steps come to, one fault at a time: whoever `any` is has been drawn, a
/// partition is paths, a hog is many short pauses. Both worlds perform the same schedule.
struct chaos_schedule {
  /// In the order of time, which counts from the moment when all nodes have found each other.
  /// `step` is the index of the scenario's step.
  std::vector<simulation::fault> faults;
  /// By step: nodes that it takes away from others, or cuts off, or is otherwise about.
  std::vector<std::vector<std::uint32_t>> subjects;
};

/// The same scenario and seed give the same schedule. Throws app_error (exit 78) for a step that
/// makes no sense where it stands: starting a node that runs, healing before anything is wrong.
[[nodiscard]] chaos_schedule schedule_of(const chaos_scenario& scenario);

/// What two weathers do together.
[[nodiscard]] net::link_faults both(const net::link_faults& a, const net::link_faults& b);

/// UDP's checksum (RFC 768) finds damage, and its receiver drops the datagram: until sessions are
/// sealed a flipped bit is a loss in both worlds, as it is on a real path.
[[nodiscard]] net::link_faults as_receivers_see(net::link_faults weather);

}  // namespace causerie::apps
