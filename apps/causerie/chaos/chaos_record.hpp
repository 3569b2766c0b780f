// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "apps/causerie/chaos/chaos_scenario.hpp"
#include "apps/causerie/chaos/chaos_schedule.hpp"
#include "apps/checker/history.hpp"

namespace causerie::apps {

/// How often the network did what it was told to do, over all nodes.
struct datagram_faults {
  std::uint64_t lost = 0, cut = 0, duplicated = 0, delayed = 0, reordered = 0;
};

/// A fault of the schedule as it was performed.
struct performed_fault {
  std::int64_t at_ns = 0;
  simulation::fault what;
  bool took = false;  ///< There was somebody whom it could hit.
  datagram_faults so_far;
  std::int64_t lasted_ns = 0;  ///< Of a pause, as it really was.
};

/// A node sees another in a new light.
struct sighting {
  std::int64_t at_ns = 0;
  std::uint32_t by = 0, of = 0;
  std::string state;  ///< `alive`, `suspect`, `dead`, `left`; `started`: `by` begins a life.
};

struct actor_restart {
  std::int64_t at_ns = 0;
  std::uint32_t node = 0;
  std::string path;
};

/// A node's journal has something to tell: `what` went wrong with its disk, or that it writes
/// again.
struct disk_news {
  std::int64_t at_ns = 0;
  std::uint32_t node = 0;
  std::string what;
};
inline constexpr const char* ended_with_74 = "ended with status 74";

/// What a node answered when it was asked why a message that cannot be delivered there waits.
struct why_answer {
  std::int64_t at_ns = 0;
  std::uint32_t node = 0;
  std::string asked, missing;  ///< Messages, as their authors sign them.
  bool waits = false;          ///< It said that what was asked about waits,
  bool named = false;          ///< and that it waits for what is missing.
};

/// A run of a scenario as it was observed, in whichever world. All times are of one clock.
struct chaos_record {
  std::string world;           ///< `sim` or `live`.
  std::int64_t began_ns = 0;   ///< All had found each other: the scenario's zero.
  std::int64_t healed_ns = 0;  ///< The scenario's end; from here on nothing goes wrong.
  std::int64_t ended_ns = 0;
  std::vector<performed_fault> faults;
  std::vector<sighting> sightings;
  std::vector<actor_restart> restarts;
  std::vector<disk_news> disks;
  std::vector<why_answer> whys;
  std::vector<checker::history> lives;
  datagram_faults datagrams;
  std::vector<std::int64_t> clock_errors_ms;  ///< By node: what others saw of its wall clock.
  std::vector<bool> running;                  ///< By node, at the end.
  std::map<std::uint32_t, std::uint64_t> memory_bytes_max;  ///< By node, where it can be measured.
  std::vector<std::string> complaints;  ///< What did not go as the director wanted, in words.
};

/// A world in which a scenario can be played.
class chaos_stage {
public:
  virtual ~chaos_stage() = default;
  /// Throws app_error: the world cannot do what a step asks for, or cannot be set up at all.
  [[nodiscard]] virtual chaos_record play(const chaos_scenario& scenario,
                                          const chaos_schedule& schedule) = 0;
};

}  // namespace causerie::apps
