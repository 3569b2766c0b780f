// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/sometimes.hpp"

#include <algorithm>
#include <iterator>

namespace causerie::simulation {
namespace {

using protocol::channel_counters;
using protocol::group_counters;
using protocol::link_counters;
using protocol::membership_counters;

template <class Counters>
struct counted_point {
  const char* name;
  std::uint64_t Counters::*count;
};

constexpr counted_point<link_counters> link_points[] = {
    {"frame sent again", &link_counters::frames_resent},
    {"packet taken for lost", &link_counters::packets_lost},
    {"probe timeout", &link_counters::probe_timeouts},
    {"lane full", &link_counters::would_block},
    {"packet came twice", &link_counters::dropped_replayed},
    {"packet of an unknown session", &link_counters::dropped_unknown_session},
    {"packet from an earlier life", &link_counters::dropped_stale_epoch},
    {"hello said again", &link_counters::hellos_repeated},
    {"hellos crossed", &link_counters::hellos_crossed},
    {"peer in a new life", &link_counters::peers_reborn},
    {"session stalled", &link_counters::stalls},
    {"session forgotten by the peer", &link_counters::strays},
};

constexpr counted_point<membership_counters> membership_points[] = {
    {"member suspected", &membership_counters::suspicions},
    {"suspicion confirmed", &membership_counters::confirmations},
    {"suspicion refuted", &membership_counters::refutations},
    {"suspect heard in time", &membership_counters::reprieves},
    {"member found dead", &membership_counters::deaths},
    {"member found dead by refusals", &membership_counters::deaths_refused},
    {"dead member visited", &membership_counters::dead_visited},
    {"dead member back", &membership_counters::returned},
    {"exchange of tables", &membership_counters::push_pulls},
    {"gossip of an earlier life", &membership_counters::dropped_stale_epoch},
    {"seed visited after the joining", &membership_counters::seeds_visited},
    {"own pause noticed", &membership_counters::pauses},
};

constexpr counted_point<group_counters> group_points[] = {
    {"gap declared", &group_counters::gaps},
    {"member parked", &group_counters::parked},
    {"member retired", &group_counters::retired},
    {"member unretired", &group_counters::unretired},
    {"retirement denied", &group_counters::retire_denied},
    {"message repaired", &group_counters::repaired},
    {"message repaired by a third", &group_counters::repaired_by_others},
    {"floor told", &group_counters::floors_told},
    {"floor sought", &group_counters::floors_sought},
    {"cut adopted", &group_counters::cuts_adopted},
    {"row missed", &group_counters::rows_missed},
    {"send would block", &group_counters::would_block},
    {"message came twice", &group_counters::duplicates},
    {"message outside the window", &group_counters::dropped_window},
    {"message of an unknown member", &group_counters::dropped_unknown_member},
    {"frame before membership", &group_counters::dropped_not_member},
    {"bundle put aside", &group_counters::put_aside},
    {"bundle taken from aside", &group_counters::taken_from_aside},
    {"bundle filled", &group_counters::bundles_filled},
    {"message split", &group_counters::split},
    {"group founded", &group_counters::founded},
    {"group founded again", &group_counters::founded_again},
    {"membership resumed", &group_counters::resumed},
    {"strangers met", &group_counters::met},
    {"foundings merged", &group_counters::merged},
    {"stranger recognised", &group_counters::recognised},
    {"joined anew", &group_counters::joined_anew},
    {"sponsor changed", &group_counters::sponsors_changed},
    {"join refused for now", &group_counters::joins_refused},
    {"join begun again", &group_counters::joins_begun_again},
    {"activated above the cut", &group_counters::activated_above_cut},
    {"invited, member elsewhere", &group_counters::invited_elsewhere},
    {"member shed for room", &group_counters::shed},
    {"member waited for again", &group_counters::returned},
    {"member superseded", &group_counters::superseded},
    {"member came and went unseen", &group_counters::came_and_went},
    {"history trimmed", &group_counters::history_trimmed},
    {"history cut behind the retired", &group_counters::history_cut},
    {"left without an echo", &group_counters::left_unheard},
};

constexpr counted_point<channel_counters> channel_points[] = {
    {"channel asked again", &channel_counters::resumes},
    {"channel begun anew", &channel_counters::resets},
    {"range sent again", &channel_counters::ranges_resent},
    {"channel full", &channel_counters::would_block},
    {"private message came twice", &channel_counters::dropped_duplicate},
    {"private message outside the window", &channel_counters::dropped_window},
    {"channel frame of an earlier life", &channel_counters::dropped_stale},
    {"receiver busy", &channel_counters::rejected_busy},
    {"lane blocked", &channel_counters::lanes_blocked},
    {"window reopened", &channel_counters::windows_reopened},
    {"window grown", &channel_counters::windows_grown},
    {"private message kept ahead", &channel_counters::kept_ahead},
    {"receiver asked for all again", &channel_counters::rewinds},
    {"private message expired", &channel_counters::expired},
    {"outcome not sent", &channel_counters::outcomes_not_sent},
    {"outcome unknown", &channel_counters::outcomes_unknown},
};

/// Of the journal as level 1 has it.
constexpr counted_point<commit_counters> commit_points[] = {
    {"commit slow", &commit_counters::slow},
    {"commit shared", &commit_counters::shared},
    {"commit interrupted", &commit_counters::interrupted},
    {"fsync interrupted", &commit_counters::unsynced},
};

/// Counted where they happen, by the world and its applications.
constexpr const char* world_points[] = {
    "process killed",
    "left in order",
    "refused by the group",
    "resumed from a journal",
    "event read again",
    "gap: unreachable",
    "gap: lagging",
    "gap: retention",
    "gap: restart",
    "courier killed",
    "failure detector killed",
    "membership killed",
    "channels killed",
    "orderer killed",
    "datagram lost",
    "datagram doubled",
    "datagram replayed",
    "datagram refused",
    "datagram into a partition",
    "power cut",
    "refused without a majority",
    "lie told",
    "lie dropped",
};

/// A search shows these too, but need not have seen them: `crowded`, `hostile` and longer searches
/// are there for them.
constexpr const char* seldom_points[] = {
    "refused by the group",
    "gap: lagging",
    "suspect heard in time",
    "member parked",
    "retirement denied",
    "send would block",
    "message outside the window",
    "group founded again",
    "join refused for now",
    "join begun again",
    "activated above the cut",
    "member shed for room",
    "member came and went unseen",
    "history cut behind the retired",
    "channel full",
    "private message outside the window",
    "receiver busy",
    "window reopened",
    "window grown",
    "lie told",
    "lie dropped",
};

template <class Counters, std::size_t Count>
void add(sometimes_counts& counts, const counted_point<Counters> (&points)[Count],
         const Counters& counted) {
  for (const auto& point : points)
    if (const auto times = counted.*point.count; times != 0) counts[point.name] += times;
}

template <class Counters, std::size_t Count>
void list(std::vector<std::string>& names, const counted_point<Counters> (&points)[Count]) {
  for (const auto& point : points) names.emplace_back(point.name);
}

std::vector<std::string> list_all(int level) {
  std::vector<std::string> names{std::begin(world_points), std::end(world_points)};
  list(names, link_points);
  list(names, membership_points);
  list(names, group_points);
  list(names, channel_points);
  if (level == 1) list(names, commit_points);
  return names;
}

}  // namespace

const std::vector<std::string>& sometimes_points(int level) {
  static const auto machines = list_all(1), actors = list_all(2);
  return level == 1 ? machines : actors;
}

bool is_seldom(const std::string& name) {
  return std::find(std::begin(seldom_points), std::end(seldom_points), name) !=
         std::end(seldom_points);
}

void add_counted(sometimes_counts& counts, const node_counters& counted) {
  add(counts, link_points, counted.link);
  add(counts, membership_points, counted.membership);
  add(counts, group_points, counted.group);
  add(counts, channel_points, counted.channels);
  add(counts, commit_points, counted.commits);
}

std::vector<std::string> points_missed(const sometimes_counts& counts, int level,
                                       std::uint64_t times) {
  std::vector<std::string> missed;
  for (const auto& name : sometimes_points(level)) {
    const auto found = counts.find(name);
    if (found == counts.end() || found->second < times) missed.push_back(name);
  }
  return missed;
}

}  // namespace causerie::simulation
