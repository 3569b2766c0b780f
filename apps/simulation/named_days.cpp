// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/named_days.hpp"

#include <algorithm>
#include <array>

namespace causerie::simulation {
namespace {

constexpr auto kept = std::to_array<named_day>({
    {"retirement-denied", "Who is to be retired is not gone, or has said more than is known.", 1,
     175, "retirement denied"},
    {"member-unretired",
     "A member that was retired is heard of again, with messages beyond its tomb.", 1, 1,
     "member unretired"},
    {"founded-again",
     "A durable group that was switched off whole is founded again by who returns.", 1, 346,
     "group founded again"},
    {"join-refused", "A sponsor is not ready, and the newcomer asks again.", 1, 410,
     "join refused for now"},
    {"above-the-cut", "When a newcomer is activated, others have forgotten more than its cut says.",
     1, 335, "activated above the cut"},
    {"heard-in-time", "A suspect is spared at the last moment: it has just been heard.", 1, 52,
     "suspect heard in time"},
    {"late-packet", "A packet of an earlier life comes in a later one.", 1, 20056,
     "packet from an earlier life"},
    {"forgotten-while-away", "Who comes back is told what nobody keeps any more.", 1, 60,
     "gap: retention"},
    {"came-and-went", "A member joined, spoke and was retired while another was away.", 1, 18471,
     "member came and went unseen"},
    {"join-begun-again", "A newcomer loses sight of those who let it in, and begins again.", 1, 563,
     "join begun again"},
    {"window-grown", "A reader that empties its window at once is given a larger one.", 1, 1028,
     "window grown"},
    {"invited-elsewhere", "Who was invited lost sight of the group, and became a member elsewhere.",
     1, 18, "invited, member elsewhere"},
    {"islands", "Newcomers find only each other while the cluster is out of reach, and are found.",
     1, 4936, "seed visited after the joining"},
    {"strange-tomb", "Who founded a group of its own is owed nothing by the dead of another one.",
     1, 4859, "joined anew"},
    {"history-cut", "A newcomer begins behind all that the retired depend on.", 1, 18471,
     "history cut behind the retired"},
    {"owed-after-restart",
     "What another founding had said before it knew us is no loss after a kill.", 1, 21886,
     "stranger recognised"},
    {"actors-join-refused", "The same with the shipped actors: a sponsor is not ready.", 2, 51,
     "join refused for now"},
    {"actors-above-the-cut", "The same with the shipped actors: activated above the cut.", 2, 23,
     "activated above the cut"},
    {"actors-forgotten", "The same with the shipped actors: told what nobody keeps any more.", 2,
     18, "gap: retention"},
    {"actors-lost-life", "The next life of a durable member is told what the one before has lost.",
     2, 8, "gap: restart"},
    {"actors-goodbye-unheard", "A member leaves, and nobody says that it heard so.", 2, 34,
     "left without an echo"},
});

}  // namespace

std::span<const named_day> named_days() noexcept { return kept; }

const named_day* find_named_day(std::string_view name) noexcept {
  const auto* const found = std::find_if(
      kept.begin(), kept.end(), [name](const named_day& each) { return each.name == name; });
  return found == kept.end() ? nullptr : found;
}

std::vector<std::string_view> named_day_names() {
  std::vector<std::string_view> names;
  for (const auto& each : kept) names.push_back(each.name);
  return names;
}

}  // namespace causerie::simulation
