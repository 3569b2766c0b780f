// SPDX-License-Identifier: BSL-1.0
// Why a message is where it is: read from what the rules of the other files keep, changing nothing.
#include <algorithm>

#include "protocol/causal/group_state.hpp"

namespace causerie::protocol {

using namespace causal;

namespace {

constexpr std::size_t holes_max = 64;  ///< Of one sender: `missing` lists fewer anyway.

bool is_up(const message_explanation::holder& holder) {
  return holder.standing != member_standing::down && holder.standing != member_standing::left;
}

}  // namespace

message_explanation causal_group::state::explain(const message_id& id) const {
  const auto of = make_member_tag(group, id.sender);
  message_explanation told;
  told.id = id;
  told.what = fate_of(of, id.number);
  told.parts = {id.sender, id.number, id.number};
  if (told.what == message_explanation::fate::no_membership) return told;
  if (const auto* member = find(of)) told.sender_standing = member->standing();
  const auto* tomb = tombs.find(of);
  told.newest =
      std::max({known.at(of), buffer.mentioned().at(of), tomb ? tomb->last : sequence{0}});
  tell_content(told, of);
  switch (told.what) {
    case message_explanation::fate::missing: {
      told.missing.push_back(absence_of({of, id.number, id.number}));
      break;
    }
    case message_explanation::fate::waiting: tell_waiting(told, of); break;
    case message_explanation::fate::delivered: tell_delivered(told, of); break;
    case message_explanation::fate::lost: {
      const auto* gap = past.find_lost(of, id.number);
      told.lost_because = gap->why;
      told.lost_at = gap->at;
      break;
    }
    default: break;
  }
  tell_holders(told, of);
  return told;
}

message_explanation::fate causal_group::state::fate_of(member_tag of, sequence number) const {
  using fate = message_explanation::fate;
  if (!takes_part()) return fate::no_membership;
  const auto* member = find(of);
  if (member == nullptr && tombs.find(of) == nullptr) return fate::unknown_sender;
  if (past.find_lost(of, number) != nullptr) return fate::lost;
  if (past.find(of, number).it != nullptr) return fate::delivered;
  if (member != nullptr && number < member->owed_from) return fate::before_joining;
  if (began.at(of) >= number) return fate::before_joining;
  if (buffer.satisfied({of, number})) return fate::delivered;
  if (buffer.arrived(of, number)) return fate::waiting;
  const auto newest = std::max(known.at(of), buffer.mentioned().at(of));
  return number != 0 && newest >= number ? fate::missing : fate::unheard_of;
}

/// What the message says of itself, as long as a bundle that contains it is here.
void causal_group::state::tell_content(message_explanation& told, member_tag of) const {
  const auto number = told.id.number;
  const auto read = [this, of](sequence wanted) -> std::optional<group_message> {
    const auto* held = wanted == 0 ? nullptr : log.at_or_after(of, wanted);
    if (held == nullptr || held->first > wanted) return std::nullopt;
    auto content = decode_frame<bundle>(held->body);
    if (!content) return std::nullopt;
    return std::move(content->messages[static_cast<std::size_t>(wanted - content->first)]);
  };
  const auto message = read(number);
  if (!message) return;
  told.control = message->kind != message_kind::application;
  if (message->fragment < number)
    told.parts = name(of, number - message->fragment,
                      number - message->fragment + std::max<sequence>(message->fragments, 1) - 1);
  const auto head = message->fragment == 0 ? message : read(told.parts.first);
  if (!head) return;
  told.causes.emplace();
  for (const auto& cause : head->causes)
    told.causes->push_back(name(cause.tag, cause.number, cause.number));
}

void causal_group::state::tell_waiting(message_explanation& told, member_tag of) const {
  const auto first = told.parts.first;
  told.arrived = buffer.arrived(of, told.id.number);
  if (const auto done = delivered().at(of); done + 1 < first)
    told.waits_for.push_back(name(of, done + 1, first - 1));
  buffer.for_each_waiting(of, first - 1, first, [&](sequence, const group_message& message) {
    for (const auto& cause : message.causes)
      if (!buffer.satisfied(cause))
        told.waits_for.push_back(name(cause.tag, cause.number, cause.number));
  });
  for (const auto& part : buffer.missing(of, told.parts.last, holes_max))
    if (part.first >= first) told.waits_for.push_back(name(of, part.first, part.last));
  tell_missing(told, {of, told.parts.last});
  told.stream_full = told.missing.empty() && told.missing_more == 0 && stream.full();
}

/// Follows every chain of waiting that begins at `from`. Iterative, and each waiting message is
/// looked at once: how long and how tangled the chains are is the peers' choice.
void causal_group::state::tell_missing(message_explanation& told, clock_entry from) const {
  vector_clock seen;
  std::vector<clock_entry> open{from};
  while (!open.empty()) {
    const auto next = open.back();
    open.pop_back();
    const auto before = seen.at(next.tag);
    if (!seen.raise(next.tag, next.number)) continue;
    buffer.for_each_waiting(next.tag, before, next.number,
                            [&](sequence, const group_message& message) {
                              for (const auto& cause : message.causes)
                                if (!buffer.satisfied(cause)) open.push_back(cause);
                            });
  }
  for (const auto& entry : seen.entries())
    for (const auto& hole : buffer.missing(entry.tag, entry.number, holes_max)) {
      if (told.missing.size() < message_explanation::absences_max)
        told.missing.push_back(absence_of(hole));
      else
        ++told.missing_more;
    }
}

message_explanation::absence causal_group::state::absence_of(const message_range& what) const {
  message_explanation::absence told{.what = name(what.tag, what.first, what.last)};
  told.holders = holders_of(what.tag, what.first);
  const auto* wanted = repair.find(what.tag);
  if (wanted == nullptr) return told;
  told.noticed = wanted->opened;
  told.ask_at = wanted->ask_at;
  told.attempts = wanted->attempts;
  if (const auto* asked = wanted->attempts == 0 ? nullptr : find(wanted->asked)) {
    told.asked = asked->who;
    told.asked_at = wanted->asked_at;
  }
  return told;
}

void causal_group::state::tell_delivered(message_explanation& told, member_tag of) const {
  const auto found = past.find(of, told.id.number);
  if (found.it == nullptr) return;
  told.parts = name(of, found.it->last - found.it->parts + 1, found.it->last);
  told.delivered_at = found.it->at;
  told.held = std::chrono::microseconds{found.it->held_us};
  if (const auto* before = found.before)
    told.after = name(before->sender, before->last - before->parts + 1, before->last);
}

std::vector<message_explanation::holder> causal_group::state::holders_of(member_tag of,
                                                                         sequence number) const {
  std::vector<message_explanation::holder> found;
  for (const auto& [candidate, member] : members) {
    if (candidate == tag) continue;
    const bool origin = candidate == of;
    const bool forgot = member.forgotten(of) >= number;
    if (!origin && !forgot && member.row.at(of) < number) continue;
    message_explanation::holder holder{member.who, member.standing(), origin, forgot, {}};
    if (member.row_number != 0) holder.row_heard = member.row_heard;
    found.push_back(holder);
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::pair{!a.origin, !is_up(a)} < std::pair{!b.origin, !is_up(b)};
  });
  return found;
}

void causal_group::state::tell_holders(message_explanation& told, member_tag of) const {
  using fate = message_explanation::fate;
  if (told.what == fate::unheard_of || told.what == fate::unknown_sender) return;
  told.holders = holders_of(of, told.parts.last);
  for (const auto& [candidate, member] : members) {
    if (candidate == tag || !member.counts_as_live()) continue;
    const bool has = std::any_of(told.holders.begin(), told.holders.end(),
                                 [&](const auto& holder) { return holder.who == member.who; });
    if (!has) told.lacking.push_back(member.who);
  }
}

message_explanation::span causal_group::state::name(member_tag of, sequence first,
                                                    sequence last) const {
  if (const auto* member = find(of)) return {member->who, first, last};
  if (const auto* tomb = tombs.find(of)) return {tomb->who, first, last};
  return {std::nullopt, first, last};
}

}  // namespace causerie::protocol
