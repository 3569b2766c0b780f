// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/step_evidence.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "apps/causerie/chaos/scenario_steps.hpp"

namespace causerie::apps {
namespace {

using verb = step_verb;

std::vector<const performed_fault*> faults_of_step(const chaos_record& record, std::size_t number) {
  std::vector<const performed_fault*> all;
  for (const auto& fault : record.faults)
    if (fault.what.step == number) all.push_back(&fault);
  return all;
}

/// Real processes tell what they have counted now and then.
constexpr duration counting_lag = std::chrono::milliseconds{500};

/// What the network did from the step's first fault to its last, or to the end of the run.
datagram_faults meanwhile(const std::vector<const performed_fault*>& faults,
                          const chaos_record& record) {
  const auto& from = faults.front()->so_far;
  auto to = record.datagrams;
  if (faults.size() > 1) {
    const auto lag = record.world.starts_with("live") ? counting_lag : duration{0};
    for (const auto& later : record.faults)
      if (later.at_ns >= faults.back()->at_ns + lag.count()) {
        to = later.so_far;
        break;
      }
  }
  return {.lost = to.lost - from.lost,
          .cut = to.cut - from.cut,
          .duplicated = to.duplicated - from.duplicated,
          .delayed = to.delayed - from.delayed,
          .reordered = to.reordered - from.reordered};
}

void count_datagrams(step_measure& measured, std::uint64_t count, const char* what) {
  measured.happened = count != 0;
  measured.evidence = fmt::format("{} datagrams {}", count, what);
}

bool actor_came_back(const performed_fault& kill, const chaos_record& record) {
  const auto role = actor_names()[static_cast<std::size_t>(kill.what.which)];
  return std::ranges::any_of(record.restarts, [&](const actor_restart& restart) {
    const auto& path = restart.path;
    const bool same = role == "supervisor" ? path == "guardian"
                      : role == "orderer"  ? path.starts_with("groups/")
                                           : path == role;
    return same && restart.node == kill.what.node && restart.at_ns >= kill.at_ns;
  });
}

bool joined_after(const performed_fault& start, const chaos_record& record) {
  const auto name = node_name(start.what.node);
  return std::ranges::any_of(record.lives, [&](const checker::history& life) {
    return life.node == name && std::ranges::any_of(life.entries, [&](const auto& entry) {
             return entry.kind == checker::entry_kind::joined && entry.at_ns >= start.at_ns;
           });
  });
}

/// Faults of one kind that took, and how many of them show by what `proof` says.
template <class Proof>
void count_proofs(step_measure& measured, const std::vector<const performed_fault*>& faults,
                  fault_kind what, const char* words, Proof proof) {
  std::size_t all = 0, proved = 0;
  for (const auto* fault : faults) {
    if (fault->what.what != what) continue;
    ++all;
    proved += fault->took && proof(*fault) ? 1 : 0;
  }
  measured.happened = all != 0 && proved == all;
  measured.evidence = fmt::format("{} of {} {}", proved, all, words);
}

/// Nothing was heard by a node that did not run, though others went on.
bool was_silent(const performed_fault& pause, const chaos_record& record) {
  const auto name = node_name(pause.what.node);
  const auto from = pause.at_ns + duration{std::chrono::milliseconds{5}}.count();
  const auto to = pause.at_ns + pause.lasted_ns;
  for (const auto& life : record.lives)
    if (life.node == name)
      for (const auto& entry : life.entries)
        if (entry.at_ns > from && entry.at_ns < to) return false;
  return true;
}

/// On a busy machine a hog's stop may find the last one still on; most must not.
void prove_stops(step_measure& measured, const std::vector<const performed_fault*>& faults,
                 const chaos_record& record) {
  duration asked{}, stopped{};
  bool silent = true;
  for (const auto* fault : faults) {
    if (fault->what.what != fault_kind::pause) continue;
    asked += duration{fault->what.lasts_ns};
    if (!fault->took) continue;
    stopped += duration{fault->lasted_ns};
    silent = silent && was_silent(*fault, record);
  }
  measured.happened = silent && asked.count() != 0 && stopped * 2 >= asked;
  measured.evidence = fmt::format("stopped {} of {}{}", duration_text(stopped),
                                  duration_text(asked), silent ? ", silent" : ", not silent");
}

void prove_slowness(step_measure& measured, const chaos_step& step,
                    const std::vector<const performed_fault*>& faults, const chaos_record& record) {
  const auto& slow = *faults.front();
  const auto until = faults.size() > 1 ? faults.back()->at_ns : record.healed_ns;
  const auto name = node_name(slow.what.node);
  std::uint64_t heard = 0;
  for (const auto& life : record.lives)
    if (life.node == name)
      heard += static_cast<std::uint64_t>(std::ranges::count_if(life.entries, [&](const auto& x) {
        return x.kind == checker::entry_kind::deliver && x.at_ns > slow.at_ns && x.at_ns < until;
      }));
  // One event each interval, and what had been taken already.
  const auto most = static_cast<std::uint64_t>((until - slow.at_ns) /
                                               std::max<std::int64_t>(1, step.amount.count())) +
                    260;
  measured.happened = slow.took && heard <= most;
  measured.evidence = fmt::format("{} messages taken meanwhile", heard);
}

void prove_skew(step_measure& measured, const chaos_step& step,
                const std::vector<const performed_fault*>& faults, const chaos_record& record) {
  const auto node = faults.front()->what.node;
  const auto seen = node < record.clock_errors_ms.size() ? record.clock_errors_ms[node] : 0;
  const auto asked = step.amount.count() / 1'000'000;
  measured.happened = faults.front()->took && std::abs(seen) * 2 >= std::abs(asked);
  measured.evidence = fmt::format("others saw its clock {} ms wrong", seen);
}

}  // namespace

void take_evidence(step_measure& measured, const chaos_step& step, std::size_t number,
                   const chaos_record& record) {
  const auto faults = faults_of_step(record, number);
  measured.evidence = "never performed";
  if (faults.empty()) return;
  const auto always = [](const performed_fault&) { return true; };
  const auto datagrams = meanwhile(faults, record);
  switch (step.verb) {
    case verb::partition: return count_datagrams(measured, datagrams.cut, "into the partition");
    case verb::loss:
    case verb::corrupt: return count_datagrams(measured, datagrams.lost, "lost");
    case verb::delay: return count_datagrams(measured, datagrams.delayed, "delayed");
    case verb::duplicate: return count_datagrams(measured, datagrams.duplicated, "doubled");
    case verb::reorder: return count_datagrams(measured, datagrams.reordered, "overtaken");
    case verb::slow_reader: return prove_slowness(measured, step, faults, record);
    case verb::skew: return prove_skew(measured, step, faults, record);
    case verb::heal: return count_proofs(measured, faults, fault_kind::heal, "heals", always);
    case verb::leave: return count_proofs(measured, faults, fault_kind::leave, "left", always);
    case verb::start:
    case verb::join:
      return count_proofs(measured, faults, fault_kind::start, "became members",
                          [&](const auto& start) { return joined_after(start, record); });
    case verb::pause:
    case verb::cpu_hog: return prove_stops(measured, faults, record);
    case verb::kill:
    case verb::restart:
      if (faults.front()->what.what == fault_kind::kill_actor)
        return count_proofs(measured, faults, fault_kind::kill_actor, "actors died and came back",
                            [&](const auto& kill) { return actor_came_back(kill, record); });
      return count_proofs(measured, faults, fault_kind::kill, "processes killed", always);
    default: return;
  }
}

}  // namespace causerie::apps
