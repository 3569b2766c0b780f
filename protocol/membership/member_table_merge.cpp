// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "protocol/membership/member_table_state.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol {

using namespace swim;

namespace {

bool is_wildcard(const socket_address& address) {
  if (address.is_v4())
    return std::all_of(address.ip.begin() + 12, address.ip.end(), [](auto x) { return x == 0; });
  return std::all_of(address.ip.begin(), address.ip.end(), [](auto x) { return x == 0; });
}

bool is_usable(const socket_address& address) { return !address.empty() && !is_wildcard(address); }

/// -1, 0 or 1 as the record's (epoch, refutations) is below, equal to or above the member's.
int age_of(const member_record& record, const member_view& known) {
  const auto there = std::tuple{record.who.epoch, record.refutations};
  const auto here = std::tuple{known.who.epoch, known.refutations};
  if (planted(planted_bug::lives_confused))
    return static_cast<int>(record.refutations > known.refutations) -
           static_cast<int>(record.refutations < known.refutations);
  return there < here ? -1 : there == here ? 0 : 1;
}

bool left_for_good(const member_record& record, const member_view& known) {
  return known.state == member_state::left && known.who.epoch >= record.who.epoch;
}

}  // namespace

void member_table::state::merge(const member_record& record, provenance& source, instant now) {
  if (record.who.node == self().view.who.node) return hear_about_self(record, source, now);
  switch (record.state) {
    case member_state::alive: return merge_alive(record, source, now);
    case member_state::suspect:
    case member_state::dead: return merge_accusation(record, source, now);
    case member_state::left: return merge_left(record, source, now);
  }
}

void member_table::state::merge_alive(const member_record& record, provenance& source,
                                      instant now) {
  auto address = record.profile->address;
  // Who listens on every address does not know which of them is seen; the packet's source does.
  if (is_wildcard(address) && record.who == source.sender) address = source.from;
  auto* known = members.find(record.who.node);
  if (known == nullptr) {
    if (is_usable(address)) add_member(record, address, source, now);
    return;
  }
  if (left_for_good(record, known->view)) return;
  if (age_of(record, known->view) <= 0) {
    const auto same_life = record.who == known->view.who;
    if (same_life && known->view.state != member_state::alive && source.how == channel::exchange)
      source.mistaken.push_back(record.who.node);
    return;
  }
  if (!is_live(known->view.state) && members.full()) {
    ++counters.dropped_table_full;
    return;
  }
  auto to = record;
  to.profile->address = address;
  change(*known, to, now);
}

void member_table::state::merge_accusation(const member_record& record, provenance& source,
                                           instant now) {
  auto* known = members.find(record.who.node);
  if (known == nullptr) {
    // Gossip about a stranger says nothing; an exchange introduces it.
    if (record.profile && is_usable(record.profile->address) && source.how == channel::exchange)
      add_member(record, record.profile->address, source, now);
    return;
  }
  const auto age = age_of(record, known->view);
  if ((age < 0 && !planted(planted_bug::old_accusation_counts)) ||
      left_for_good(record, known->view))
    return;
  if (age == 0 && known->view.state == member_state::dead) return;
  if (!is_live(known->view.state) && members.full()) {
    ++counters.dropped_table_full;
    return;
  }
  if (age > 0) {
    // It had refuted what was held against it here, or lives again; then it was accused anew.
    auto in_between = record;
    in_between.state = member_state::alive;
    change(*known, in_between, now);
  }
  const accusation said{record.accuser, record.refused};
  // A death somebody merely believes in is a suspicion first, so that the accused can refute.
  const auto died = record.state == member_state::dead && source.how == channel::gossip;
  if (!died) return suspect(*known, said, now);
  if (known->view.accusations.empty()) known->view.accusations.push_back(said);
  if (said.refused) hurry_gossip(now);
  bury(*known, member_state::dead, now);
}

void member_table::state::merge_left(const member_record& record, const provenance& source,
                                     instant now) {
  auto* known = members.find(record.who.node);
  if (known == nullptr) {
    if (record.profile && is_usable(record.profile->address))
      add_member(record, record.profile->address, source, now);
    return;
  }
  if (record.who.epoch < known->view.who.epoch || left_for_good(record, known->view)) return;
  change(*known, record, now);
}

void member_table::state::merge_presence(const presence_record& record) {
  const auto outcome = presences.merge(record);
  if (outcome == presence_directory::outcome::full) ++counters.dropped_table_full;
  if (outcome != presence_directory::outcome::news) return;
  ++counters.records_merged;
  const auto* known = members.find(record.who.node);
  fresh.put({record.who.node, record.group}, gossip_rank::presence);
  if (known != nullptr && known->view.who == record.who && is_live(known->view.state))
    outbox.push_back(directory_changed{record.group});
}

void member_table::state::hear_about_self(const member_record& record, provenance& source,
                                          instant now) {
  auto& view = self().view;
  if (record.who.epoch > view.who.epoch)
    return yield_to(record.who, record.profile ? record.profile->address : source.from);
  if (leaving() || record.state == member_state::left) return;
  if (record.who.epoch < view.who.epoch) {
    source.accused_us = true;
    fresh.put({view.who.node, {}}, gossip_rank::own);
    return;
  }
  if (record.state == member_state::alive) {
    // Somebody sees where we really are.
    if (is_wildcard(view.address) && !is_wildcard(record.profile->address))
      view.address = record.profile->address;
    // Nobody but us refutes for us, so that another process must live our very life.
    if (record.refutations > view.refutations)
      meet_other_holder(record.who, record.profile->address, now);
    view.refutations = std::max(view.refutations, record.refutations);
    return;
  }
  source.accused_us = true;
  refuted_at = now;
  refute(record.refutations);
}

void member_table::state::meet_other_holder(const incarnation& other, const socket_address& where,
                                            instant now) {
  if (other.epoch > self().view.who.epoch) return yield_to(other, where);
  if (other.epoch == holder_met || now < holder_due) return;
  holder_met = other.epoch;
  holder_due = now + config.period;
  outbox.push_back(conflict{other, where, /*this_stops=*/false});
}

void member_table::state::yield_to(const incarnation& other, const socket_address& where) {
  if (other.epoch <= yielded_to) return;
  yielded_to = other.epoch;
  entry.stop();
  goodbye.finish();  // Without a word: it would be about the other one.
  for (const auto& node : members.live_peers()) {
    const auto& view = members.find(node)->view;
    outbox.push_back(probe_target{view.who, view.address, /*wanted=*/false});
  }
  outbox.push_back(conflict{other, where, /*this_stops=*/true});
  outbox.push_back(refused{fmt::format(
      "this node's id has been seen with the later boot epoch {}, ours is {}: start again with a "
      "newer epoch, or another process holds the same key",
      number(other.epoch), number(self().view.who.epoch))});
}

void member_table::state::refute(std::uint32_t accused_refutations) {
  if (planted(planted_bug::no_refutation)) return;
  auto& view = self().view;
  if (accused_refutations >= view.refutations && accused_refutations < refutations_max) {
    if (!planted(planted_bug::refutation_not_counted)) view.refutations = accused_refutations + 1;
    ++counters.refutations;
    outbox.push_back(self_refuted{});
  }
  fresh.put({view.who.node, {}}, gossip_rank::own);
}

void member_table::state::add_member(const member_record& record, socket_address address,
                                     const provenance& source, instant now) {
  if (is_live(record.state) && members.full()) {
    ++counters.dropped_table_full;
    return;
  }
  const auto standing = record.state == member_state::suspect ? member_state::alive : record.state;
  member_view view{record.who, record.profile->name, address, standing, record.refutations};
  if (const auto forgotten = members.add(std::move(view), now)) forget(*forgotten);
  auto* added = members.find(record.who.node);
  // The newest of the gone is never the one forgotten.
  note_standing(is_live(standing), now);
  announce_change(*added, std::nullopt);
  if (is_live(standing)) {
    announce_target(*added);
    // What a newcomer is told by those it joins is news to itself alone.
    const auto news = ready_now || source.how == channel::gossip || record.who == source.sender;
    if (news) fresh.put({record.who.node, {}}, gossip_rank::alive);
  }
  if (record.state == member_state::suspect) suspect(*added, {record.accuser, record.refused}, now);
}

bool member_table::state::is_known_accuser(const member& accused, const node_id& accuser) const {
  return accuser != accused.view.who.node && members.find(accuser) != nullptr;
}

void member_table::state::suspect(member& who, const accusation& said, instant now) {
  const auto node = who.view.who.node;
  const auto known = is_known_accuser(who, said.accuser);
  if (who.view.state == member_state::suspect) {
    if (!known || !suspects.confirm(node, said)) return;
    ++counters.confirmations;
    fresh.put({node, {}}, gossip_rank::accusation);
  } else {
    ++counters.suspicions;
    if (suspects.empty()) remind_due = now + config.period;
    const auto bounds =
        bounds_for(config, members.live_count() + (is_live(who.view.state) ? 0 : 1));
    suspects.start(node, suspicion{{said.accuser, said.refused && known}, bounds, now});
    who.view.accusations = suspects.find(node)->accusations();
    auto to = record_of(who);
    to.state = member_state::suspect;
    change(who, to, now);
  }
  who.view.accusations = suspects.find(node)->accusations();
  if (said.refused && known) weigh_refusal(who, said, now);
}

void member_table::state::weigh_refusal(member& who, const accusation& said, instant now) {
  hurry_gossip(now);
  const auto& doubt = *suspects.find(who.view.who.node);
  const auto refusals = doubt.refusals();
  const auto heard_since = who.view.last_heard && *who.view.last_heard > doubt.began();
  if (refusals >= suspicion::refusals_wanted && !heard_since) {
    ++counters.deaths_refused;
    return bury(who, member_state::dead, now);
  }
  // In a large cluster a few look for themselves, or all would at once.
  const auto by_us = said.accuser == self().view.who.node;
  if (!by_us && refusals == 1 && random.below(members.live_count()) < config.curious_members)
    outbox.push_back(probe_now{who.view.who});
}

void member_table::state::bury(member& who, member_state gone, instant now) {
  if (gone == member_state::dead) ++counters.deaths;
  auto to = record_of(who);
  to.state = gone;
  change(who, to, now);
}

void member_table::state::change(member& who, const member_record& to, instant now) {
  const auto before = who.view;
  const auto node = before.who.node;
  const auto new_life = before.who != to.who;
  if (!new_life && before.state == member_state::dead && is_live(to.state)) ++counters.returned;
  if (new_life) {
    announce_groups(before.who);
    who.view.round_trip.reset();
    who.view.last_heard.reset();
  }
  who.view.refutations = to.refutations;
  if (to.profile) {
    who.view.name = to.profile->name;
    if (is_usable(to.profile->address)) who.view.address = to.profile->address;
  }
  if (before.state != to.state || new_life)
    if (const auto forgotten = members.set_state(who, to.state, now)) forget(*forgotten);
  who.view.who = to.who;
  if (new_life || is_live(before.state) != is_live(to.state)) note_standing(is_live(to.state), now);
  if (to.state != member_state::suspect) suspects.clear(node);
  if (new_life || !(to.state == member_state::suspect || to.state == member_state::dead))
    who.view.accusations.clear();
  const auto accused = to.state == member_state::suspect || to.state == member_state::dead;
  fresh.put({node, {}}, accused ? gossip_rank::accusation : gossip_rank::alive);
  if (new_life || before.state != to.state) announce_change(who, before.state);
  if (new_life || before.state != to.state || before.address != who.view.address)
    announce_target(who);
  if (new_life || is_live(before.state) != is_live(to.state)) announce_groups(who.view.who);
}

void member_table::state::note_standing(bool live, instant now) {
  if (!live && members.gone_count() == 1) visit_due = now + remembered_dead_interval;
  if (!live) return;
  // Gossip may have passed somebody by: a few exchanges soon after a change find out. They cost
  // one packet each when both sides agree.
  settling_exchanges = settling_exchanges_max;
  const auto soon = now + settling_interval();
  exchange_due = exchange_due <= now ? soon : std::min(exchange_due, soon);
}

void member_table::state::announce_change(const member& who, std::optional<member_state> previous) {
  ++counters.records_merged;
  outbox.push_back(member_changed{who.view, previous});
}

void member_table::state::announce_target(const member& who) {
  const auto suspected = who.view.state == member_state::suspect && !config.plain_swim;
  outbox.push_back(probe_target{who.view.who, who.view.address, is_live(who.view.state), suspected,
                                who.view.refutations});
}

void member_table::state::announce_groups(const incarnation& who) {
  for (const auto& group : presences.groups_of(who)) outbox.push_back(directory_changed{group});
}

void member_table::state::become_ready() {
  if (ready_now) return;
  ready_now = true;
  outbox.push_back(ready{});
}

}  // namespace causerie::protocol
