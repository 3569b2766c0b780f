// SPDX-License-Identifier: BSL-1.0
#include "journal/kept_group.hpp"

#include <utility>
#include <variant>

namespace causerie::journal {
namespace {

namespace kept = protocol::kept;

constexpr std::size_t bytes_at_once = std::size_t{4} << 20;
constexpr std::size_t events_at_once = 4096;

member_standing standing_of(const kept::member& who) noexcept {
  if (who.retired) return who.left ? member_standing::left_and_retired : member_standing::retired;
  return who.left ? member_standing::left : member_standing::present;
}

/// Turns notes into records of one group.
struct note_taker {
  const group_owner& owner;
  wall_time now;
  batch& work;

  void operator()(kept::bundle& x) const {
    work.add(bundle_held{owner.group, x.sender, x.first, x.last, now, std::move(x.body)});
  }
  void operator()(const kept::member& x) const {
    work.add(member_saved{owner.group, x.tag, x.who, standing_of(x), x.last, x.root, x.owed_from});
  }
  void operator()(const kept::member_forgotten& x) const {
    work.add(member_forgotten{owner.group, x.tag});
  }
  void operator()(kept::event& x) const {
    work.add(event_delivered{owner.group, x.position, x.message, std::move(x.body)});
  }
  void operator()(kept::delivered& x) const {
    work.add(clock_saved{owner.group, clock_kind::delivered, std::move(x.clock)});
  }
  void operator()(kept::floor& x) const {
    work.add(clock_saved{owner.group, clock_kind::floor, std::move(x.clock)});
  }
  void operator()(kept::forgotten& x) const {
    work.add(history_forgotten{owner.group, std::move(x.below)});
  }
  void operator()(const kept::read_up_to& x) const {
    work.add(cursor_moved{owner.group, std::string{application}, x.position});
  }
  void operator()(const kept::dropped&) const { work.add(group_dropped{owner.group}); }
};

std::error_code load_bundles(node_journal& from, const group_id& id,
                             std::vector<kept::bundle>& into) {
  log_position after;
  for (;;) {
    auto some = from.log(id, after, bytes_at_once);
    if (!some) return some.error();
    if (some->empty()) return {};
    after = {some->back().first, some->back().sender};
    for (auto& one : *some) into.push_back({one.sender, one.first, one.last, std::move(one.body)});
  }
}

std::error_code load_events(node_journal& from, const group_id& id, protocol::group_image& into) {
  for (auto after = into.committed; after < into.last;) {
    auto some = from.events(id, after, events_at_once);
    if (!some) return some.error();
    if (some->empty()) return {};
    for (auto& item : *some) {
      if (const auto* gap = std::get_if<event_gap>(&item)) {
        after = gap->last;
        continue;
      }
      auto& event = std::get<event_delivered>(item);
      after = event.position;
      into.events.push_back({event.position, event.message, std::move(event.event)});
    }
  }
  return {};
}

}  // namespace

batch records_of(const group_owner& owner, std::vector<protocol::group_note> notes, wall_time now,
                 durability need) {
  batch work{{}, need};
  work.records.reserve(notes.size() + 1);
  work.add(group_kept{owner.group, owner.name, owner.self});
  const note_taker take{owner, now, work};
  for (auto& note : notes) std::visit(take, note);
  return work;
}

result<std::optional<protocol::group_image>> load_group(node_journal& from, const group_id& id) {
  auto found = from.group(id);
  if (!found) return tl::unexpected{found.error()};
  if (!*found) return std::optional<protocol::group_image>{};
  protocol::group_image image;
  image.delivered = std::move((*found)->delivered);
  image.floor = std::move((*found)->floor);
  for (const auto& one : (*found)->members) {
    const bool retired = one.standing == member_standing::retired ||
                         one.standing == member_standing::left_and_retired;
    const bool left =
        one.standing == member_standing::left || one.standing == member_standing::left_and_retired;
    image.members.push_back({one.tag, one.who, left, retired, one.last, one.root, one.owed_from});
  }
  const auto& cursors = (*found)->cursors;
  if (const auto at = cursors.find(std::string{application}); at != cursors.end())
    image.committed = at->second;
  image.last = (*found)->last;
  if (auto error = load_bundles(from, id, image.bundles)) return tl::unexpected{error};
  if (auto error = load_events(from, id, image)) return tl::unexpected{error};
  return image;
}

}  // namespace causerie::journal
