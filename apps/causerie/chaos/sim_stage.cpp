// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/sim_stage.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "apps/causerie/chaos/world_limits.hpp"
#include "apps/checker/checker.hpp"
#include "apps/simulation/written_day.hpp"

namespace causerie::apps {
namespace {

constexpr duration warm_up = std::chrono::seconds{10};

datagram_faults counted(const net::sim_network::counters& network) {
  return {.lost = network.lost,
          .cut = network.cut,
          .duplicated = network.duplicated,
          .delayed = network.delayed,
          .reordered = network.reordered};
}

simulation::written_day day_of_scenario(const chaos_scenario& scenario,
                                        const chaos_schedule& schedule) {
  simulation::written_day day;
  day.nodes = scenario.nodes_in_all();
  day.late_nodes = scenario.joiners;
  day.warm_up = warm_up;
  day.lasts = scenario.lasts;
  day.settle = scenario.settle;
  day.group = scenario.group;
  day.durable = scenario.durable;
  day.horizon = scenario.horizon;
  day.weather = as_receivers_see(scenario.network);
  day.faults = schedule.faults;
  day.broadcasts_per_second.assign(day.nodes, 0);
  day.privates_per_second.assign(day.nodes, 0);
  for (std::uint32_t node = 0; node < day.nodes; ++node) {
    day.broadcasts_per_second[node] = load_of(scenario, node, /*in_private=*/false);
    day.privates_per_second[node] = load_of(scenario, node, /*in_private=*/true);
  }
  return day;
}

std::string field(const simulation::day_watch::news_fields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &std::pair<std::string, std::string>::first);
  return found == fields.end() ? std::string{} : found->second;
}

simulation::day_watch watch_into(chaos_record& record) {
  simulation::day_watch watch;
  watch.on_begin = [&](std::int64_t at_ns, const std::string& wrong) {
    record.began_ns = at_ns;
    if (!wrong.empty()) record.complaints.push_back("not all found each other: " + wrong);
  };
  watch.on_fault = [&](std::int64_t at_ns, const simulation::fault& what, bool took,
                       const net::sim_network::counters& network) {
    record.faults.push_back({at_ns, what, took, counted(network), what.lasts_ns});
  };
  watch.on_start = [&](std::int64_t at_ns, std::uint32_t node, std::uint64_t) {
    record.sightings.push_back({at_ns, node, node, "started"});
  };
  watch.on_news = [&](std::int64_t at_ns, std::uint32_t node, const std::string& type,
                      const simulation::day_watch::news_fields& fields) {
    if (type == "member")
      if (const auto of = node_named(field(fields, "name")))
        record.sightings.push_back({at_ns, node, *of, field(fields, "state")});
    if (type == "actor" && field(fields, "what") == "restarted")
      record.restarts.push_back({at_ns, node, field(fields, "path")});
    if (type == "journal") record.disks.push_back({at_ns, node, field(fields, "what")});
    if (type == "node" && field(fields, "what") == "ended")
      record.disks.push_back({at_ns, node, ended_with_74});
    if (type == "why")
      record.whys.push_back({at_ns, node, field(fields, "asked"), field(fields, "missing"),
                             field(fields, "waits") == "true", field(fields, "named") == "true"});
  };
  return watch;
}

/// What the world minds beyond what the checker says: broken invariants, livelocks, unrest.
void take_complaints(chaos_record& record, const simulation::seed_result& day) {
  std::set<std::string> judged;
  for (const auto& what : day.verdict.violations)
    judged.insert(fmt::format("{}: {}", name_of(what.kind), what.text));
  for (const auto& words : day.violations)
    if (!judged.contains(words)) record.complaints.push_back(words);
}

}  // namespace

chaos_record sim_stage::play(const chaos_scenario& scenario, const chaos_schedule& schedule) {
  refuse_in_simulation(scenario);
  chaos_record record;
  record.world = "sim";
  auto lived = simulation::live_written_day(day_of_scenario(scenario, schedule), scenario.seed,
                                            watch_into(record));
  record.healed_ns = record.began_ns + scenario.lasts.count();
  record.ended_ns = lived.day.virtual_time.count();
  record.lives = std::move(lived.lives);
  record.datagrams = counted(lived.network);
  record.clock_errors_ms = std::move(lived.clock_errors_ms);
  record.running = std::move(lived.running);
  take_complaints(record, lived.day);
  return record;
}

}  // namespace causerie::apps
