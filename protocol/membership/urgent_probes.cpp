// SPDX-License-Identifier: BSL-1.0
// What a failure detector does when it hears that nobody listens at a member's address.
#include <utility>

#include "protocol/membership/failure_detector_state.hpp"

namespace causerie::protocol {

using namespace swim;

void failure_detector::on_refused(const socket_address& where, instant now) {
  auto& s = *state_;
  if (s.config.plain_swim) return;
  s.check_pause(now);
  for (auto at = s.places.lower_bound({where, {}}); at != s.places.end() && at->first == where;
       ++at)
    s.refused(at->second, now);
}

void failure_detector::on_accused(const incarnation& who, instant now) {
  auto& s = *state_;
  s.check_pause(now);
  const auto known = s.targets.find(who.node);
  if (known != s.targets.end() && known->second.who == who) s.probe_at_once(who.node, now);
}

void failure_detector::state::refused(const node_id& node, instant now) {
  auto& target = targets.at(node);
  target.refused_at = now;
  const auto own_ping = ordinary && ordinary->probe.target().node == node;
  if (!own_ping && relays.pings(node)) {
    // A ping for somebody else met it. If all who help asked helpers of their own, a whole cluster
    // would probe one dead member.
    if (target.drawn_at && now - *target.drawn_at < probe_period()) return;
    target.drawn_at = now;
    if (!is_curious()) return;
  }
  probe_at_once(node, now);
}

bool failure_detector::state::is_curious() {
  return random.below(targets.size() + 1) < config.curious_members;
}

void failure_detector::state::probe_at_once(const node_id& node, instant now) {
  auto& target = targets.at(node);
  if (urgent.contains(node)) return;
  if (target.urgent_at && now - *target.urgent_at < probe_period()) return;
  if (urgent_budget.available(now) == 0) return;
  urgent_budget.spend(1);
  target.urgent_at = now;
  start_urgent(node, std::nullopt, now);
}

void failure_detector::state::start_urgent(const node_id& node, std::optional<instant> first_strike,
                                           instant now) {
  const auto& target = targets.at(node);
  const auto when = probe_timetable::urgent(probe_period(), target.retry_after(duration{0}));
  probe_run run{{target.who, random.next(), when, now},
                first_strike.has_value(),
                /*urgent=*/true,
                first_strike.value_or(now),
                {},
                {}};
  (void)advance(urgent.insert_or_assign(node, std::move(run)).first->second, now);
}

void failure_detector::state::advance_urgent(instant now) {
  std::vector<node_id> failed;
  for (auto& [node, run] : urgent)
    if (advance(run, now)) failed.push_back(node);
  for (const auto& node : failed) finish_urgent(node, now);
}

void failure_detector::state::finish_urgent(const node_id& node, instant now) {
  const auto run = std::move(urgent.extract(node).mapped());
  if (loss.is_lossy() && !run.second_strike) return start_urgent(node, run.since, now);
  // So short a silence alone is no evidence; the ordinary probe will tell.
  if (refused_since(node, run.since)) outbox.push_back(probe_failed{run.probe.target(), true});
}

bool failure_detector::state::refused_since(const node_id& node, instant since) const {
  const auto& at = targets.at(node).refused_at;
  return at && *at >= since;
}

}  // namespace causerie::protocol
