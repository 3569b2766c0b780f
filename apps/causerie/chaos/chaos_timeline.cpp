// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/chaos_timeline.hpp"

#include <algorithm>

namespace causerie::apps {
namespace {

bool ends_a_life(fault_kind what) {
  return what == fault_kind::kill || what == fault_kind::leave || what == fault_kind::disk_fails;
}

bool within(const std::vector<chaos_timeline::span>& spans, std::int64_t at_ns,
            std::int64_t longer_ns) {
  return std::ranges::any_of(spans, [&](const auto& span) {
    return at_ns >= span.from_ns && at_ns < span.to_ns + longer_ns;
  });
}

}  // namespace

chaos_timeline::chaos_timeline(const chaos_record& record)
    : record_{record},
      first_started_(record.running.size()),
      down_(record.running.size()),
      silenced_(record.running.size()) {
  for (const auto& seen : record.sightings)
    if (seen.state == "started" && !first_started_[seen.by]) first_started_[seen.by] = seen.at_ns;
  for (const auto& fault : record.faults) {
    if (!fault.took) continue;
    const span lasts{fault.at_ns, end_of(fault)};
    if (ends_a_life(fault.what.what)) down_[fault.what.node].push_back(lasts);
    if (fault.what.what == fault_kind::pause) silenced_[fault.what.node].push_back(lasts);
    if (fault.what.what != fault_kind::cut) continue;
    for (std::uint32_t from = 0; from < fault.what.blocked.size(); ++from)
      for (std::uint32_t to = 0; to < fault.what.blocked.size(); ++to)
        if ((fault.what.blocked[from] >> to & 1) != 0) {
          silenced_[from].push_back(lasts);
          silenced_[to].push_back(lasts);
        }
  }
}

std::int64_t chaos_timeline::end_of(const performed_fault& fault) const {
  const auto what = fault.what.what;
  auto end = ends_a_life(what) ? record_.ended_ns + 1 : record_.healed_ns;
  if (what == fault_kind::pause) end = std::min(end, fault.at_ns + fault.lasted_ns);
  for (const auto& later : record_.faults) {
    if (later.at_ns < fault.at_ns || &later == &fault) continue;
    const bool ends =
        ends_a_life(what)
            ? later.what.what == fault_kind::start && later.took &&
                  later.what.node == fault.what.node
            : later.what.what == fault_kind::heal ||
                  (what == fault_kind::cut && later.what.what == fault_kind::mend &&
                   later.what.step == fault.what.step && later.what.blocked == fault.what.blocked);
    if (ends) return std::min(end, later.at_ns);
  }
  return end;
}

bool chaos_timeline::running(std::uint32_t node, std::int64_t at_ns) const {
  return first_started_[node] && *first_started_[node] <= at_ns && !within(down_[node], at_ns, 0);
}

bool chaos_timeline::excused(std::uint32_t node, std::int64_t at_ns) const {
  return !running(node, at_ns) || within(down_[node], at_ns, grace.count()) ||
         within(silenced_[node], at_ns, grace.count());
}

}  // namespace causerie::apps
