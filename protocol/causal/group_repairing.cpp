// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <limits>

#include "protocol/causal/group_state.hpp"
#include "protocol/errors.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol {

using namespace causal;

namespace {

constexpr std::size_t ranges_per_sender_max = 8;
constexpr duration unknown_round_trip = std::chrono::milliseconds{40};
constexpr duration summary_retry = std::chrono::milliseconds{300};

}  // namespace

/// Opens a want for every sender of whom more is known to exist than was delivered, and closes
/// those that are satisfied. Datagrams overtake each other: nothing is asked for at once.
void causal_group::state::notice_wants() {
  wants_changed = false;
  known.join(buffer.mentioned());
  clock_walk done{delivered()};
  for (const auto& entry : known.entries()) {
    if (entry.tag == tag) continue;
    if (done.at(entry.tag) >= entry.number) {
      if (!repair.empty()) repair.close(entry.tag);
      continue;
    }
    auto* wanted = repair.find(entry.tag);
    if (wanted == nullptr) {
      if (tombs.find(entry.tag)) continue;
      wanted = &repair.open(entry.tag);
      wanted->noticed_up_to = 0;
      wanted->opened = now;
    }
    if (wanted->ask_at || wanted->noticed_up_to >= entry.number) continue;
    wanted->noticed_up_to = entry.number;
    wanted->ask_at = now + (at == phase::joining ? duration{0} : reorder_delay(entry.tag));
  }
}

duration causal_group::state::reorder_delay(member_tag of) {
  const auto* member = find(of);
  const auto rtt = member && member->round_trip ? *member->round_trip : unknown_round_trip;
  return std::clamp<duration>(rtt / 4, std::chrono::milliseconds{10}, std::chrono::seconds{1});
}

duration causal_group::state::repair_timeout(member_tag holder, unsigned rounds) {
  const auto* member = find(holder);
  const auto rtt = member && member->round_trip ? *member->round_trip : unknown_round_trip;
  const auto once = rtt * 3 / 2 + std::chrono::milliseconds{25};
  return std::min<duration>(once * (1u << std::min(rounds, 5u)), std::chrono::seconds{2});
}

causal_group::state::holders causal_group::state::find_holders(member_tag of, sequence number) {
  holders found;
  const auto sort_in = [&](member_tag candidate, const group_member& member) {
    (member.forgotten(of) >= number ? found.forgot : found.able).push_back(candidate);
  };
  const auto* origin = find(of);
  if (origin && origin->up()) sort_in(of, *origin);
  if (planted(planted_bug::repair_asks_origin_only)) return found;
  for (const auto& [candidate, member] : members)
    if (candidate != of && candidate != tag && member.up() &&
        std::max(member.row.at(of), member.forgotten(of)) >= number)
      sort_in(candidate, member);
  if (!found.able.empty()) return found;
  const auto witness = buffer.witness(of, number);
  if (!witness || *witness == tag || *witness == of) return found;
  if (const auto* member = find(*witness); member && member->up()) sort_in(*witness, *member);
  if (found.able.empty() && found.forgot.empty())
    for (const auto& [candidate, member] : members)
      if (candidate != of && candidate != tag && member.up()) found.perhaps.push_back(candidate);
  return found;
}

/// Whom to ask for what is missing of one sender, if anybody.
std::optional<member_tag> causal_group::state::ask_for(member_tag of, want& wanted,
                                                       std::vector<message_range>& ranges) {
  const auto exists = known.at(of);
  auto holes = buffer.missing(of, std::min(exists, wanted.noticed_up_to), ranges_per_sender_max);
  wanted.ask_at.reset();
  wants_changed = true;
  if (holes.empty()) {
    wanted.request = 0;
    if (exists > wanted.noticed_up_to) {
      wanted.noticed_up_to = exists;
      wanted.ask_at = now + reorder_delay(of);
    }
    return std::nullopt;
  }
  if (delivered().at(of) > wanted.progress) wanted.attempts = 0;
  wanted.progress = delivered().at(of);
  auto found = find_holders(of, holes.front().first);
  if (found.able.empty()) {
    if (!found.forgot.empty()) {
      seek_floor(of, wanted, found.forgot);
      return std::nullopt;
    }
    if (found.perhaps.empty()) return std::nullopt;
    found.able = std::move(found.perhaps);  // Those who buried it answer with its floor.
  }
  const auto count = static_cast<unsigned>(found.able.size());
  const auto holder = found.able[wanted.attempts % count];
  // Of a sender that is no member yet only its first message helps: the one that makes it one.
  if (find(of) == nullptr) holes = {{of, holes.front().first, holes.front().first}};
  ranges.insert(ranges.end(), holes.begin(), holes.end());
  wanted.ask_at = now + repair_timeout(holder, wanted.attempts / count);
  wanted.asked = holder;
  wanted.asked_at = now;
  ++wanted.attempts;
  return holder;
}

void causal_group::state::ask_for_wants() {
  struct question {
    std::vector<message_range> ranges;
    std::vector<member_tag> wanted;
  };
  std::map<member_tag, question> questions;
  for (auto& [of, wanted] : repair.all()) {
    if (!wanted.ask_at || *wanted.ask_at > now) continue;
    std::vector<message_range> ranges;
    const auto holder = ask_for(of, wanted, ranges);
    if (!holder) continue;
    auto& question = questions[*holder];
    if (question.ranges.size() + ranges.size() > repair_ranges_max) {
      send_request(*holder, std::exchange(question.ranges, {}), question.wanted);
      question.wanted.clear();
    }
    question.ranges.insert(question.ranges.end(), ranges.begin(), ranges.end());
    question.wanted.push_back(of);
  }
  for (auto& [holder, question] : questions)
    send_request(holder, std::move(question.ranges), question.wanted);
}

void causal_group::state::send_request(member_tag holder, std::vector<message_range> ranges,
                                       const std::vector<member_tag>& wanted) {
  const auto* member = find(holder);
  if (member == nullptr || ranges.empty()) return;
  const repair_request request{repair.next_request(), std::move(ranges)};
  for (const auto of : wanted) repair.open(of).request = request.number;
  ++counts.requests_sent;
  emit_frame({member->who.node}, encode(frame_type::repair_request, request),
             frame_care::repairable, frame_lane::control);
}

/// Everybody who is reachable and had it may have forgotten it. The loss becomes a whole closed
/// cut: the floor of the member whose floor skips least.
void causal_group::state::seek_floor(member_tag, want& wanted,
                                     const std::vector<member_tag>& forgot) {
  ++counts.floors_sought;
  const auto skipped = [this](member_tag of) {
    std::uint64_t sum = 0;
    for (const auto& entry : find(of)->floor.entries())
      sum += entry.number - std::min(entry.number, delivered().at(entry.tag));
    return sum;
  };
  auto best = forgot;
  std::stable_sort(best.begin(), best.end(),
                   [&](member_tag a, member_tag b) { return skipped(a) < skipped(b); });
  request_summary(find(best[wanted.attempts++ % best.size()])->who, summary_use::gap);
  wanted.ask_at = now + summary_retry;
}

std::error_code causal_group::state::on_repair_request(const incarnation& from,
                                                       const shared_bytes& body) {
  auto request = decode_frame<repair_request>(body);
  if (!request || !well_formed(*request)) return malformed();
  if (!takes_part() || !repair_budget.allow(from.node, now)) return protocol_errc::would_block;
  close_bundle();
  ++counts.requests_answered;
  repair_answer answer{request->number, {}};
  for (const auto& range : request->ranges) {
    const auto* held = log.at_or_after(range.tag, range.first);
    if (held != nullptr && held->first <= range.first) continue;
    const auto* tomb = tombs.find(range.tag);
    const auto gone = tomb ? tomb->last : floor.at(range.tag);
    if (gone < range.first) continue;
    answer.floors.push_back({range.tag, gone});
    ++counts.floors_told;
  }
  send_in_turn(from, std::move(request->ranges));
  emit_frame({from.node}, encode(frame_type::repair_answer, answer), frame_care::repairable,
             frame_lane::group);
  return {};
}

/// A bundle of each range, then the next of each, as far as the bound allows. One range after the
/// other, a long one would leave nothing for those behind it; and when its bundles are of no use
/// before the others have come, it would be asked for in the same way for ever.
void causal_group::state::send_in_turn(const incarnation& to, std::vector<message_range> ranges) {
  std::size_t bytes = 0;
  while (!ranges.empty()) {
    for (auto& range : ranges) {
      const auto* held =
          bytes < repair_bytes_max ? log.at_or_after(range.tag, range.first) : nullptr;
      if (held == nullptr || held->first > range.last) {
        range.last = 0;  // Nothing more of it.
        continue;
      }
      bytes += held->body.size();
      emit_frame({to.node}, held->body, frame_care::repairable, frame_lane::group);
      range.first = held->last + 1;
    }
    std::erase_if(ranges, [](const auto& range) { return range.first > range.last; });
  }
}

std::error_code causal_group::state::on_repair_answer(const incarnation& from,
                                                      const shared_bytes& body) {
  const auto answer = decode_frame<repair_answer>(body);
  if (!answer) return malformed();
  auto* member = find(from);
  if (!takes_part() || member == nullptr) return protocol_errc::unknown_peer;
  for (const auto& entry : answer->floors)
    if (entry.number <= sequence_max) member->floor_parts.raise(entry.tag, entry.number);
  repair.on_answer(answer->number, now);
  return {};
}

void causal_group::state::skip_to(const incarnation& from, const group_summary& summary) {
  // A newcomer asks for a cut that it lacks; a member may have come by what it lacked meanwhile.
  const bool needed =
      (at == phase::joining && !delivered().covers(summary.base)) ||
      std::any_of(repair.all().begin(), repair.all().end(), [this](const auto& entry) {
        const auto next = delivered().at(entry.first) + 1;
        return known.at(entry.first) >= next && find_holders(entry.first, next).able.empty();
      });
  on_evidence(summary.base);
  auto lost = owed_unseen(from, summary);
  const bool gone_unseen = learn_members(summary);
  if (!needed && !gone_unseen) return;
  const auto missing = adopt_cut(summary, gone_unseen);
  if (!missing.empty()) ++counts.cuts_adopted;
  if (at == phase::joining && !resuming) return begin_above(missing, summary);
  declare_lost(missing, at == phase::joining ? gap_event::cause::restart : summary.why,
               std::move(lost));
  bury_what_is_buried(summary);
}

/// A newcomer was owed nothing yet: its stream begins later.
void causal_group::state::begin_above(const std::vector<message_range>& missing,
                                      const group_summary& summary) {
  if (missing.empty()) return;
  bury_what_is_buried(summary);
  began = delivered();
  stream.drop_hidden();
}

std::vector<message_range> causal_group::state::adopt_cut(const group_summary& summary,
                                                          bool gone_unseen) {
  auto cut = without_tombs(summary.base);
  for (const auto& tomb : summary.tombs) {
    const auto of = make_member_tag(group, tomb.who);
    if (find(of)) cut.raise(of, tomb.last);
  }
  if (delivered().covers(cut)) {
    if (gone_unseen) begin_history_at(cut);
    return {};
  }
  auto missing = buffer.raise(cut);
  floor.join(cut);
  std::vector<clock_entry> raised;
  for (const auto& range : missing) raised.push_back({range.tag, range.last});
  latest.on_raised(raised);
  forget_below_floor();
  lamport = std::max(lamport, summary.lamport);
  delivered_changed = rows_changed = true;
  return missing;
}

/// What retired them lies below the cut and will never be delivered here.
void causal_group::state::bury_what_is_buried(const group_summary& summary) {
  for (const auto& tomb : summary.tombs) {
    const auto of = make_member_tag(group, tomb.who);
    const auto* member = find(of);
    if (member == nullptr || of == tag || (!member->left && !member->down_since)) continue;
    if (delivered().at(of) == tomb.last && known.at(of) <= tomb.last) bury(of);
  }
}

/// Members that joined, spoke and were retired while this node heard nothing: it will never know
/// them but by their tombs.
std::vector<gap_event::range> causal_group::state::came_and_went(
    const group_summary& summary) const {
  std::vector<gap_event::range> lost;
  for (const auto& tomb : summary.tombs) {
    const auto of = make_member_tag(group, tomb.who);
    if (of != tag && tomb.last != 0 && !members.contains(of) && !tombs.find(of))
      lost.push_back({tomb.who, 1, tomb.last});
  }
  return lost;
}

/// Of our own founding all that was said is owed to us, also by those who came and went meanwhile;
/// of another one nothing.
std::vector<gap_event::range> causal_group::state::owed_unseen(const incarnation& from,
                                                               const group_summary& summary) const {
  const bool own = std::any_of(
      summary.members.begin(), summary.members.end(),
      [&](const listed_member& one) { return one.who == from && roots.contains(one.root); });
  return own ? came_and_went(summary) : std::vector<gap_event::range>{};
}

void causal_group::state::declare_lost(const std::vector<message_range>& missing,
                                       gap_event::cause why,
                                       std::vector<gap_event::range> unknown) {
  counts.came_and_went += unknown.size();
  gap_event gap{why, std::move(unknown)};
  bool foreign = false;
  for (const auto& range : missing) {
    auto* member = find(range.tag);
    if (member == nullptr) continue;
    foreign = foreign || range.first < member->owed_from;
    if (range.last >= member->owed_from)
      gap.missing.push_back({member->who, std::max(range.first, member->owed_from), range.last});
  }
  if (foreign) {
    ++counts.joined_anew;
    joined_event joined;
    for (const auto& [of, member] : members)
      if (of == tag || member.counts_as_live()) joined.members.push_back(member.who);
    std::sort(joined.members.begin(), joined.members.end());
    stream.append(std::move(joined));
  }
  if (gap.missing.empty()) return;
  for (const auto& range : missing) past.on_lost(range, why, now);
  ++counts.gaps;
  if (!planted(planted_bug::gap_not_declared)) stream.append(std::move(gap));
}

}  // namespace causerie::protocol
