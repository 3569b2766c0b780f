// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <cmath>

#include "protocol/membership/member_table_state.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol {

using namespace swim;

void member_table::state::on_deadline(instant now) {
  check_pause(now);
  if (leaving()) return say_goodbye(now);
  try_join(now);
  visit_seeds(now);
  judge_suspects(now);
  remind_suspects(now);
  exchange(now);
  visit_dead(now);
  gossip(now);
}

void member_table::state::check_pause(instant now) {
  const auto gap = pause.away(next_deadline(), now);
  if (gap == duration{0} || leaving() || config.plain_swim) return;
  ++counters.pauses;
  suspects.shift(gap);
  remind_due = std::max(remind_due, now + config.period);
  // The others may have begun to doubt us: our word goes first.
  fresh.put({self().view.who.node, {}}, gossip_rank::own);
  gossip_due = now;
}

void member_table::state::try_join(instant now) {
  if (!entry.active()) return;
  std::optional<socket_address> extra;
  if (const auto drawn = members.draw_live(1, random); !drawn.empty())
    extra = members.find(drawn.front())->view.address;
  for (const auto& seed : entry.due(extra, now)) {
    auto packet = new_packet(join_request{entry.nonce(), entry.missing(wanted_ranges_max)});
    packet.members.push_back(record_of(self()));
    emit_packet(seed, packet);
  }
  if (entry.complaint_due(now)) outbox.push_back(join_unanswered{});
}

void member_table::state::visit_seeds(instant now) {
  if (entry.active()) return;  // It asks them itself, and more often.
  const auto seed = unmet.due(now);
  if (!seed) return;
  ++counters.seeds_visited;
  request_exchange(*seed, random.next(), /*mutual=*/true);
}

void member_table::state::say_goodbye(instant now) {
  if (!goodbye.round_due(now)) return;
  const auto told = members.draw_live(departure::told_max, random);
  if (told.empty()) goodbye.finish();
  for (const auto& node : told) {
    auto packet = new_packet(gossip_body{});
    packet.members.push_back(record_of(self()));
    emit_packet(members.find(node)->view.address, packet);
  }
}

void member_table::state::judge_suspects(instant now) {
  for (const auto& node : suspects.expired(now)) {
    auto& who = *members.find(node);
    // Who has just been heard lives, though its refutation has not come through.
    const auto heard = planted(planted_bug::suspicion_never_ends) ? now : who.view.last_heard;
    if (heard && now - *heard < 2 * config.period && !config.plain_swim) {
      ++counters.reprieves;
      suspects.extend(node, now + config.period);
    } else {
      bury(who, member_state::dead, now);
    }
  }
}

void member_table::state::remind_suspects(instant now) {
  if (suspects.empty() || now < remind_due) return;
  remind_due = now + config.period;
  if (config.plain_swim) return;
  for (const auto& node : suspects.accused_by(self().view.who.node))
    tell_of_standing(*members.find(node));
}

void member_table::state::exchange(instant now) {
  if (members.live_peers().empty() || now < exchange_due) return;
  for (const auto& forgotten : members.forget_old(now)) forget(forgotten);
  const auto anew = round.begin_try(random.next());
  exchange_due = now + (round.last_try() ? until_next_round() : settling_interval());
  for (const auto& node : members.draw_live(1, random))
    request_exchange(members.find(node)->view.address, round.nonce(), /*mutual=*/anew,
                     round.wanted(wanted_ranges_max));
}

void member_table::state::visit_dead(instant now) {
  if (members.gone_count() == 0 || now < visit_due) return;
  visit_due = now + remembered_dead_interval;
  for (const auto& forgotten : members.forget_old(now)) forget(forgotten);
  const auto drawn = members.next_dead();
  if (!drawn || planted(planted_bug::dead_not_visited)) return;
  ++counters.dead_visited;
  const auto& view = members.find(*drawn)->view;
  auto packet = new_packet(probe_body{probe_kind::ping, random.next(), view.who, true});
  add_gossip_along(packet, &view.who.node);
  emit_packet(view.address, packet);
}

void member_table::state::gossip(instant now) {
  if (!gossip_wanted() || now < gossip_due) return;
  gossiped_at = now;
  gossip_due = now + config.gossip_interval;
  auto told = members.draw_live(gossip_fanout, random);
  if (const auto dead = members.draw_recently_dead(gossip_to_dead, now, random);
      dead && random.below(4) == 0 && !planted(planted_bug::dead_not_visited))
    told.push_back(*dead);
  for (const auto& node : told) send_gossip(members.find(node)->view.address, node);
}

void member_table::state::hurry_gossip(instant now) {
  gossip_due = std::min(gossip_due, std::max(now, gossiped_at + config.gossip_interval / 4));
}

bool member_table::state::gossip_wanted() const {
  return !fresh.empty() && !members.live_peers().empty();
}

duration member_table::state::exchange_interval() const {
  const auto members_now = static_cast<double>(members.live_count());
  const auto factor = members_now > 32 ? 1 + std::log2(members_now / 32) : 1.0;
  const auto base = static_cast<double>(config.push_pull_interval.count());
  return duration{static_cast<duration::rep>(base * factor)};
}

duration member_table::state::until_next_round() {
  const auto interval = exchange_interval();
  if (settling_exchanges != 0 && --settling_exchanges != 0)
    return std::min(settling_interval(), interval);
  return random.between(interval * 9 / 10, interval * 11 / 10);
}

duration member_table::state::settling_interval() {
  return random.between(2 * config.period, 8 * config.period);
}

std::optional<instant> member_table::state::next_deadline() const {
  if (leaving()) return goodbye.next_deadline();
  auto next = instant::max();
  const auto at = [&next](std::optional<instant> due) {
    if (due) next = std::min(next, *due);
  };
  at(entry.next_deadline());
  if (!entry.active()) at(unmet.next_deadline());
  at(suspects.earliest());
  if (!suspects.empty()) at(remind_due);
  if (!members.live_peers().empty()) at(exchange_due);
  if (members.gone_count() != 0) at(visit_due);
  if (gossip_wanted()) at(gossip_due);
  return next == instant::max() ? std::nullopt : std::optional{next};
}

}  // namespace causerie::protocol
