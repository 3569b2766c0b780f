// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/step_evidence.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

#include <fmt/format.h>

#include "apps/causerie/chaos/scenario_steps.hpp"
#include "journal/journal_errors.hpp"

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

/// It joined anew, or goes on with a durable membership and could send.
bool joined_after(const performed_fault& start, const chaos_record& record) {
  const auto name = node_name(start.what.node);
  return std::ranges::any_of(record.lives, [&](const checker::history& life) {
    return life.node == name && std::ranges::any_of(life.entries, [&](const auto& entry) {
             return (entry.kind == checker::entry_kind::joined ||
                     entry.kind == checker::entry_kind::accepted) &&
                    entry.at_ns >= start.at_ns;
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

/// From the fault's beginning to its end in the record, or to the end of the day.
std::pair<std::int64_t, std::int64_t> span_of(const std::vector<const performed_fault*>& faults,
                                              const chaos_record& record) {
  return {faults.front()->at_ns, faults.size() > 1 ? faults.back()->at_ns : record.healed_ns};
}

bool told_of_disk(const chaos_record& record, std::uint32_t node, std::string_view what,
                  std::int64_t from_ns) {
  return std::ranges::any_of(record.disks, [&](const disk_news& news) {
    return news.node == node && news.at_ns >= from_ns && news.what == what;
  });
}

/// Its journal said that there is no room, and that it goes on.
void prove_full_disk(step_measure& measured, const std::vector<const performed_fault*>& faults,
                     const chaos_record& record) {
  const auto node = faults.front()->what.node;
  const auto [from, to] = span_of(faults, record);
  std::size_t refused = 0;
  for (const auto& life : record.lives)
    if (life.node == node_name(node))
      refused += static_cast<std::size_t>(std::ranges::count_if(life.entries, [&](const auto& at) {
        return at.kind == checker::entry_kind::refused && at.at_ns >= from && at.at_ns <= to;
      }));
  const auto full = make_error_code(journal::journal_errc::disk_full).message();
  const bool again = told_of_disk(record, node, "writing again", to);
  measured.happened = told_of_disk(record, node, full, from) && again;
  measured.evidence =
      fmt::format("{} sends refused, {}", refused, again ? "then it wrote again" : "for good");
}

/// A send is answered when it is kept: the slowest answer shows the disk.
void prove_slow_disk(step_measure& measured, const chaos_step& step,
                     const std::vector<const performed_fault*>& faults,
                     const chaos_record& record) {
  const auto [from, to] = span_of(faults, record);
  std::map<std::string_view, std::int64_t> sent;
  duration slowest{};
  for (const auto& life : record.lives) {
    if (life.node != node_name(faults.front()->what.node)) continue;
    for (const auto& at : life.entries) {
      if (at.kind == checker::entry_kind::send && at.at_ns >= from && at.at_ns <= to)
        sent[at.message] = at.at_ns;
      if (at.kind == checker::entry_kind::accepted && sent.contains(at.message))
        slowest = std::max(slowest, duration{at.at_ns - sent[at.message]});
    }
  }
  measured.happened = slowest >= step.amount;
  measured.evidence = fmt::format("answered after {} at worst", duration_text(slowest));
}

void prove_withholding(step_measure& measured, const std::vector<const performed_fault*>& faults,
                       const chaos_record& record) {
  measured.evidence = "nothing was seen to wait";
  for (const auto& told : record.whys) {
    if (told.node != faults.front()->what.node || told.at_ns < faults.front()->at_ns) continue;
    measured.happened = told.waits;
    measured.evidence = told.waits ? fmt::format("{} waited there{}", told.asked,
                                                 told.named ? " for " + told.missing : "")
                                   : fmt::format("{} did not wait", told.asked);
    return;
  }
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
    case verb::disk_full: return prove_full_disk(measured, faults, record);
    case verb::slow_fsync: return prove_slow_disk(measured, step, faults, record);
    case verb::disk_fails:
      return count_proofs(
          measured, faults, fault_kind::disk_fails, ended_with_74, [&](const auto& fault) {
            return told_of_disk(record, fault.what.node, ended_with_74, fault.at_ns);
          });
    case verb::withhold: return prove_withholding(measured, faults, record);
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
