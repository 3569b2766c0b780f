// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/group_keeping.hpp"

#include "protocol/causal/group_state.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol {

using namespace causal;

/// What a group says of itself to whoever keeps it. Nothing is said before the stream has begun: a
/// join that was never finished leaves nothing to come back to.
std::vector<group_note> causal_group::state::take_notes() {
  if (!config.durable || keeping.over) return {};
  if (!keeping.begun) begin_keeping();
  if (!keeping.begun) return {};
  note_members();
  note_events();
  if (delivered() != keeping.delivered) {
    keeping.delivered = delivered();
    keeping.notes.emplace_back(kept::delivered{delivered()});
  }
  if (stream.committed() != keeping.committed) {
    keeping.committed = stream.committed();
    keeping.notes.emplace_back(kept::read_up_to{keeping.committed});
  }
  note_forgotten();
  if (at == phase::ended && left_in_order) {
    keeping.over = true;
    keeping.notes.emplace_back(kept::dropped{});
  }
  return std::exchange(keeping.notes, {});
}

void causal_group::state::begin_keeping() {
  if (stream.last() == 0) return;
  keeping.begun = keeping.members_changed = true;
  log.for_each([this](member_tag of, const message_log::held& held) {
    keeping.notes.emplace_back(kept::bundle{of, held.first, held.last, held.body});
  });
}

void causal_group::state::hold(member_tag of, message_log::held bundle) {
  if (keeping.begun)
    keeping.notes.emplace_back(kept::bundle{of, bundle.first, bundle.last, bundle.body});
  log.insert(of, std::move(bundle));
}

/// Lets go of what lies below the floor; whoever keeps the log, once the application has seen it.
void causal_group::state::forget_below_floor() {
  log.forget(floor);
  forgettable(floor);
}

void causal_group::state::forgettable(const vector_clock& below) {
  if (!config.durable) return;
  auto& all = keeping.forgettable;
  if (!all.empty() && all.back().first == stream.last())
    all.back().second.join(below);
  else
    all.emplace_back(stream.last(), below);
}

void causal_group::state::note_forgotten() {
  vector_clock below;
  auto& all = keeping.forgettable;
  while (!all.empty() && all.front().first <= stream.committed()) {
    below.join(all.front().second);
    all.pop_front();
  }
  if (below.empty() && floor == keeping.floor) return;
  if (!below.empty()) keeping.notes.emplace_back(kept::forgotten{std::move(below)});
  keeping.floor = floor;
  keeping.notes.emplace_back(kept::floor{floor});
}

void causal_group::state::note_members() {
  if (!std::exchange(keeping.members_changed, false)) return;
  if (planted(planted_bug::members_not_kept) && !keeping.members.empty()) return;
  std::map<member_tag, kept::member> present;
  for (const auto& [of, member] : members)
    present[of] = {of, member.who,  member.left,     /*retired=*/false,
                   0,  member.root, member.owed_from};
  for (const auto& tomb : tombs.list()) {
    const auto of = make_member_tag(group, tomb.who);
    present[of] = {of, tomb.who, tomb.left, /*retired=*/true, tomb.last, {}, 1};
  }
  for (const auto& [of, member] : present) {
    const auto said = keeping.members.find(of);
    if (said == keeping.members.end() || said->second != member) keeping.notes.emplace_back(member);
  }
  for (const auto& [of, _] : keeping.members)
    if (!present.contains(of)) keeping.notes.emplace_back(kept::member_forgotten{of});
  keeping.members = std::move(present);
}

void causal_group::state::note_events() {
  if (stream.last() == keeping.events) return;
  constexpr std::size_t all = ~std::size_t{0};
  for (const auto& event : stream.read(keeping.events, all)) {
    kept::event note{event.position, {}, encode_event(event.what)};
    if (const auto* message = std::get_if<message_event>(&event.what))
      note.message = {make_member_tag(group, message->id.sender), message->id.number};
    keeping.notes.emplace_back(std::move(note));
  }
  keeping.events = stream.last();
}

}  // namespace causerie::protocol
