// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apps/simulation/day.hpp"
#include "apps/simulation/sim_node.hpp"
#include "protocol/random.hpp"

namespace causerie::simulation {

/// One thing that goes wrong, or gets right again. What each field means depends on the kind.
struct fault {
  enum class kind : std::uint8_t {
    cut,         ///< Paths `blocked` go dead.
    mend,        ///< The same paths come back.
    kill,        ///< `node` is killed -9; it restarts after `lasts_ns`, or never (negative).
    pause,       ///< `node` stops for `lasts_ns`, as by SIGSTOP.
    kill_actor,  ///< `node` loses the actor `which`.
    kill_application,
    slow,   ///< `node`'s application takes one event each `lasts_ns`.
    brisk,  ///< And as fast as it can again.
    leave,  ///< `node` leaves in order, and comes back after `lasts_ns`.
    // Only written days have these:
    start,       ///< `node` begins a life, if it has none.
    weather,     ///< Paths `blocked` get `weather`.
    skew,        ///< `node`'s wall clock jumps by `lasts_ns`.
    disk_full,   ///< `node`'s disk takes nothing more,
    disk_room,   ///< and has room again.
    disk_slow,   ///< Each commit of `node` takes `lasts_ns` longer; 0: no longer.
    disk_fails,  ///< The next fsync of `node` fails.
    withhold,    ///< The message `text` never comes to `node`,
    hand_over,   ///< and may come again, after `node` was asked why things wait.
    heal,        ///< Cuts, weather, pauses, slowness and trouble with disks end everywhere.
  };
  std::int64_t at_ns = 0;
  kind what{};
  std::uint32_t number = 0;  ///< In its plan; what ends a fault bears its number.
  std::uint32_t node = 0;
  std::int64_t lasts_ns = 0;
  actor_kind which{};
  std::vector<std::uint64_t> blocked;  ///< Per sending node: a bit for each receiving node.
  net::link_faults weather{};
  std::string text{};    ///< The id that an application gave a message.
  std::size_t step = 0;  ///< Of a written day: whatever its writer counts.
};
[[nodiscard]] std::string_view name_of(fault::kind what) noexcept;

/// Everything that will go wrong on this day, in the order of time.
[[nodiscard]] std::vector<fault> draw_faults(const day& today, protocol::random_source random);

}  // namespace causerie::simulation
