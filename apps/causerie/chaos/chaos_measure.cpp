// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/chaos_measure.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "apps/causerie/chaos/chaos_timeline.hpp"
#include "apps/causerie/chaos/step_evidence.hpp"
#include "apps/causerie/chaos/view_tracker.hpp"

namespace causerie::apps {
namespace {

using checker::entry_kind;

struct measuring {
  const chaos_scenario& scenario;
  const chaos_schedule& schedule;
  const chaos_record& record;
  const chaos_timeline timeline{record};
};

/// Somebody who could not be heard, by whom, and from when to when.
struct absence {
  std::uint32_t subject = 0;
  std::int64_t from_ns = 0, to_ns = 0;
  std::vector<std::uint32_t> observers;
};

std::vector<std::uint32_t> running_but(const measuring& of, std::int64_t at_ns,
                                       const std::vector<std::uint32_t>& without) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t node = 0; node < of.record.running.size(); ++node)
    if (of.timeline.running(node, at_ns) && std::ranges::find(without, node) == without.end())
      all.push_back(node);
  return all;
}

std::vector<absence> absences_of(const measuring& of, std::size_t step) {
  std::vector<absence> all;
  if (of.scenario.steps[step].verb == step_verb::cpu_hog) return all;  // It still answers.
  for (const auto& fault : of.record.faults) {
    if (fault.what.step != step || !fault.took) continue;
    const auto end = of.timeline.end_of(fault);
    const auto what = fault.what.what;
    if (what == fault_kind::kill || what == fault_kind::pause || what == fault_kind::leave ||
        what == fault_kind::disk_fails)
      all.push_back(
          {fault.what.node, fault.at_ns, end, running_but(of, fault.at_ns, {fault.what.node})});
    if (what != fault_kind::cut) continue;
    const auto& subjects = of.schedule.subjects[step];
    for (const auto subject : subjects)
      all.push_back({subject, fault.at_ns, end, running_but(of, fault.at_ns, subjects)});
  }
  return all;
}

void measure_detection(step_measure& measured, const measuring& of,
                       const std::vector<absence>& absences) {
  for (const auto& gone : absences)
    for (const auto observer : gone.observers) {
      ++measured.observers;
      const auto found = std::ranges::find_if(of.record.sightings, [&](const sighting& seen) {
        return seen.by == observer && seen.of == gone.subject && seen.at_ns > gone.from_ns &&
               seen.at_ns <= gone.to_ns && (seen.state == "dead" || seen.state == "left");
      });
      if (found == of.record.sightings.end()) continue;
      const duration after{found->at_ns - gone.from_ns};
      ++measured.noticed;
      measured.detected_first = std::min(measured.detected_first.value_or(after), after);
      measured.detected_last = std::max(measured.detected_last.value_or(after), after);
    }
  if (measured.noticed != measured.observers) measured.detected_last.reset();
}

void repaired_after(step_measure& measured, std::int64_t from_ns,
                    std::optional<std::int64_t> at_ns) {
  if (!at_ns) {
    measured.unrepaired = true;
    return;
  }
  const duration took{std::max<std::int64_t>(0, *at_ns - from_ns)};
  measured.repaired = std::max(measured.repaired.value_or(took), took);
}

/// The first time after `from_ns` at which this node's application wrote one of these down.
std::optional<std::int64_t> next_entry(const chaos_record& record, std::uint32_t node,
                                       std::int64_t from_ns, const std::set<entry_kind>& kinds) {
  std::optional<std::int64_t> first;
  for (const auto& life : record.lives) {
    if (life.node != node_name(node)) continue;
    for (const auto& entry : life.entries)
      if (entry.at_ns >= from_ns && kinds.contains(entry.kind)) {
        first = std::min(first.value_or(entry.at_ns), entry.at_ns);
        break;  // Entries are in the order of time.
      }
  }
  return first;
}

/// What `by` last saw of `of`, up to then; empty: nothing.
std::string last_seen(const chaos_record& record, std::uint32_t by, std::uint32_t of,
                      std::int64_t at_ns) {
  std::string state;
  for (const auto& seen : record.sightings) {
    if (seen.at_ns > at_ns) break;
    if (seen.by != by) continue;
    if (seen.state == "started")
      state.clear();
    else if (seen.of == of)
      state = seen.state;
  }
  return state;
}

/// From the end of the absence until those who had given each other up saw each other again.
void measure_meeting(step_measure& measured, const measuring& of, const absence& gone) {
  if (gone.to_ns > of.record.ended_ns) return;
  repaired_after(measured, gone.to_ns, gone.to_ns);
  for (const auto observer : gone.observers)
    for (const auto& [by, whom] : {std::pair{observer, gone.subject}, {gone.subject, observer}}) {
      if (!of.timeline.running(by, gone.to_ns) || !of.timeline.running(whom, gone.to_ns)) continue;
      if (last_seen(of.record, by, whom, gone.to_ns) != "dead") continue;
      const auto again = std::ranges::find_if(of.record.sightings, [&](const sighting& seen) {
        return seen.at_ns > gone.to_ns && seen.by == by && seen.of == whom && seen.state == "alive";
      });
      repaired_after(
          measured, gone.to_ns,
          again == of.record.sightings.end() ? std::nullopt : std::optional{again->at_ns});
    }
}

void measure_repair(step_measure& measured, const measuring& of, std::size_t step,
                    const std::vector<absence>& absences) {
  for (const auto& fault : of.record.faults) {
    if (fault.what.step != step || !fault.took) continue;
    if (fault.what.what == fault_kind::start)
      repaired_after(measured, fault.at_ns,
                     next_entry(of.record, fault.what.node, fault.at_ns,
                                {entry_kind::joined, entry_kind::accepted}));
    if (fault.what.what != fault_kind::kill_actor) continue;
    const bool private_lane = fault.what.which == simulation::actor_kind::channels;
    const auto heard =
        next_entry(of.record, fault.what.node, fault.at_ns,
                   private_lane ? std::set{entry_kind::private_deliver, entry_kind::deliver}
                                : std::set{entry_kind::deliver});
    if (heard) repaired_after(measured, fault.at_ns, heard);  // Else nobody spoke any more.
  }
  const auto verb = of.scenario.steps[step].verb;
  if (verb == step_verb::pause || verb == step_verb::partition)
    for (const auto& gone : absences) measure_meeting(measured, of, gone);
}

/// Faults that have an end of their own in the record, if they end before the day does.
constexpr fault_kind open_ended[] = {fault_kind::slow, fault_kind::weather, fault_kind::disk_full,
                                     fault_kind::disk_slow, fault_kind::withhold};

std::int64_t calm_of(const measuring& of) {
  std::int64_t calm = of.record.began_ns;
  for (const auto& fault : of.record.faults) {
    const bool lasts = fault.what.what == fault_kind::cut || fault.what.what == fault_kind::pause;
    const bool open = std::ranges::find(open_ended, fault.what.what) != std::end(open_ended);
    calm = std::max(calm, lasts ? of.timeline.end_of(fault) : fault.at_ns);
    if (!open) continue;
    // Without an end of its own it goes on to the end of the day.
    const auto& step = of.scenario.steps[fault.what.step];
    const auto end =
        of.record.began_ns + (step.at + step.lasts.value_or(of.scenario.lasts)).count();
    const bool healed = std::ranges::any_of(of.record.faults, [&](const performed_fault& later) {
      return later.what.what == fault_kind::heal && later.at_ns >= fault.at_ns;
    });
    if (!healed) calm = std::max(calm, std::min(end, of.record.healed_ns));
  }
  return calm;
}

/// The latest time at which somebody heard, or was told the loss of, something said before.
duration last_heard_of_before(const chaos_record& record, std::int64_t calm_ns) {
  std::set<std::string_view> early;
  for (const auto& life : record.lives)
    for (const auto& entry : life.entries)
      if ((entry.kind == entry_kind::send || entry.kind == entry_kind::private_send) &&
          entry.at_ns < calm_ns)
        early.insert(entry.message);
  auto last = calm_ns;
  for (const auto& life : record.lives)
    for (const auto& entry : life.entries) {
      if (entry.at_ns <= last) continue;
      const bool heard =
          entry.kind == entry_kind::deliver || entry.kind == entry_kind::private_deliver;
      if ((heard && early.contains(entry.message)) || entry.kind == entry_kind::gap)
        last = entry.at_ns;
    }
  return duration{last - calm_ns};
}

/// Plays all sightings; `members` and `all_seen` of who runs at the end.
void measure_membership(chaos_measures& made, const measuring& of) {
  const auto& running = of.record.running;
  view_tracker views{running.size()};
  for (std::uint32_t node = 0; node < running.size(); ++node)
    views.set_running(node, running[node]);
  std::optional<std::int64_t> right_since;
  if (views.agreed()) right_since = of.record.began_ns;
  for (const auto& seen : of.record.sightings) {
    views.take(seen);
    if (!views.agreed())
      right_since.reset();
    else if (!right_since)
      right_since = seen.at_ns;
  }
  if (!right_since) return;
  made.all_seen = duration{std::max<std::int64_t>(0, *right_since - made.calm_ns)};
  made.members = static_cast<std::size_t>(std::ranges::count(running, true));
}

void find_false_deaths(chaos_measures& made, const measuring& of) {
  for (const auto& seen : of.record.sightings)
    if (seen.state == "dead" && seen.at_ns >= of.record.began_ns &&
        !of.timeline.excused(seen.of, seen.at_ns))
      made.false_deaths.push_back(
          fmt::format("{} held {} for dead at {:.1f}s", node_name(seen.by), node_name(seen.of),
                      static_cast<double>(seen.at_ns - of.record.began_ns) / 1e9));
}

}  // namespace

chaos_measures measure(const chaos_scenario& scenario, const chaos_schedule& schedule,
                       const chaos_record& record) {
  const measuring of{scenario, schedule, record};
  chaos_measures made;
  made.judged = checker::check(record.lives);
  made.calm_ns = calm_of(of);
  for (std::size_t step = 0; step < scenario.steps.size(); ++step) {
    auto& measured = made.steps.emplace_back();
    const auto absences = absences_of(of, step);
    take_evidence(measured, scenario.steps[step], step, record);
    measure_detection(measured, of, absences);
    measure_repair(measured, of, step, absences);
  }
  made.all_heard = last_heard_of_before(record, made.calm_ns);
  measure_membership(made, of);
  find_false_deaths(made, of);
  std::uint64_t asked = 0;
  for (const auto& fault : record.faults)
    asked += fault.took && fault.what.what == fault_kind::kill_actor ? 1 : 0;
  made.restarts_unasked = record.restarts.size() > asked ? record.restarts.size() - asked : 0;
  return made;
}

}  // namespace causerie::apps
