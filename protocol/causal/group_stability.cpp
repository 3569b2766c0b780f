// SPDX-License-Identifier: BSL-1.0
#include <algorithm>

#include "protocol/causal/group_state.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol {

using namespace causal;

void causal_group::state::refresh_stability() {
  if (delivered_changed) {
    for (auto& [of, member] : members)
      if (of != tag && member.refresh(of, delivered())) rows_changed = true;
    if (members.size() > 1) rows.on_change(members.size(), now, chance);
    if (nobody_else_is_live()) rows_changed = true;
    delivered_changed = false;
  }
  if (!rows_changed) return;
  rows_changed = false;
  recompute_cuts();
  shed_for_room();
  record_cut();
  trim_history();
}

/// *live*: what every live member has, which is what a sender's credit waits for. *stable*: what
/// everybody has who may still ask, which is what may be forgotten. The dead count for the latter
/// until the horizon, because a joiner that they let in may depend on them.
void causal_group::state::recompute_cuts() {
  live = delivered();
  for (const auto& [of, member] : members)
    if (of != tag && member.counts_as_live()) live.meet(member.usable);
  // Whoever is live counts for stability too, and mostly nobody else does.
  raw_stable = live;
  for (const auto& [of, member] : members)
    if (of != tag && !member.counts_as_live() && member.counts_for_stability(now, config.horizon))
      raw_stable.meet(member.usable);
  stable = raw_stable;
  stable.join(floor);
  log.mark_live(live);
  log.mark_stable(raw_stable);
}

/// Waiting for those who are away costs memory: when it costs too much, the one that has been down
/// the longest is no longer waited for, then the one that has been joining.
void causal_group::state::shed_for_room() {
  const auto kept_for_the_absent = [this] {
    const auto above = log.bytes_above_stable(), above_live = log.bytes_above_live();
    return above > above_live ? above - above_live : 0;
  };
  while (kept_for_the_absent() > config.down_bytes_max) {
    group_member* longest = nullptr;
    for (auto& [of, member] : members) {
      if (of == tag || !member.counts_for_stability(now, config.horizon)) continue;
      if (!member.down_since && member.activated) continue;
      const auto since = [](const group_member& m) {
        return m.down_since.value_or(instant::max());
      };
      if (longest == nullptr || since(member) < since(*longest)) longest = &member;
    }
    if (longest == nullptr) return;
    longest->shed = true;
    ++counts.shed;
    members_changed = true;
    recompute_cuts();
  }
}

/// Every second, or every sixteenth of the history: joiners start from such cuts.
void causal_group::state::record_cut() {
  if (!is_member()) return;
  const auto total = stable.total();
  const auto bytes = log.bytes() - log.bytes_above_stable();
  if (total == last_cut_total) return;
  if (now - last_cut < std::chrono::seconds{1} &&
      total - std::min(total, last_cut_total) < config.history_messages_max / 16 + 1 &&
      bytes - std::min(bytes, last_cut_bytes) < config.history_bytes_max / 16 + 1)
    return;
  if (cuts.empty()) members_changed = true;  // Its age will be up one day.
  cuts.record(stable, now);
  last_cut = now;
  last_cut_total = total;
  last_cut_bytes = bytes;
}

/// History behind the stable cut is kept for late joiners as long as the limits allow; it always
/// ends at a recorded cut.
void causal_group::state::trim_history() {
  if (!is_member()) return;
  if (planted(planted_bug::history_trimmed_above_cut)) {
    floor = stable = delivered();
    return forget_below_floor();
  }
  const auto over = [this] {
    return log.bytes() - log.bytes_above_stable() > config.history_bytes_max ||
           stable.total() - floor.total() > config.history_messages_max ||
           cuts.oldest().at + config.history_age_max <= now;
  };
  while (!cuts.empty() && over()) {
    if (!raw_stable.covers(cuts.oldest().clock)) return;  // Somebody came back, or is joining.
    floor.join(cuts.oldest().clock);
    cuts.drop_oldest();
    ++counts.history_trimmed;
    members_changed = true;
    forget_below_floor();
  }
}

/// History begins later than the limits ask for: at a closed cut that is delivered here.
void causal_group::state::begin_history_at(const vector_clock& cut) {
  if (floor.covers(cut)) return;
  ++counts.history_cut;
  floor.join(cut);
  stable.join(floor);
  forget_below_floor();
  delivered_changed = rows_changed = true;
}

/// The smallest closed cut above the floor that contains a delivered message. Iterative, and each
/// message of the history is read at most once.
vector_clock causal_group::state::past_of(const clock_entry& message) const {
  auto cut = floor;
  std::vector<clock_entry> open{message};
  while (!open.empty()) {
    const auto next = open.back();
    open.pop_back();
    const auto before = cut.at(next.tag);
    if (tombs.find(next.tag) || !cut.raise(next.tag, next.number)) continue;
    const auto* held = log.at_or_after(next.tag, before + 1);
    for (; held && held->first <= next.number; held = log.at_or_after(next.tag, held->last + 1)) {
      const auto content = decode_frame<bundle>(held->body);
      if (!content) continue;
      for (std::size_t i = 0; i < content->messages.size(); ++i)
        if (held->first + i > before && held->first + i <= next.number)
          for (const auto& cause : content->messages[i].causes) open.push_back(cause);
    }
  }
  return cut;
}

void causal_group::state::announce_stable() {
  if (unstable_own.empty() || stream.full()) return;
  const auto reached = planted(planted_bug::stable_when_sent) ? sent : live.at(tag);
  if (unstable_own.front() > reached) return;
  stable_event event;
  while (!unstable_own.empty() && unstable_own.front() <= reached) {
    event.up_to = unstable_own.front();
    unstable_own.pop_front();
  }
  for (const auto& [of, member] : members)
    if (of == tag || member.counts_as_live()) event.holders.push_back(member.who.node);
  std::sort(event.holders.begin(), event.holders.end());
  stream.append(std::move(event));
}

}  // namespace causerie::protocol
