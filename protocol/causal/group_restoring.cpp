// SPDX-License-Identifier: BSL-1.0
#include <algorithm>

#include "protocol/causal/group_state.hpp"
#include "protocol/planted.hpp"

namespace causerie::protocol {

using namespace causal;

namespace {

/// The messages of a log, put together from their fragments.
class written_messages {
public:
  explicit written_messages(const std::vector<kept::bundle>& bundles) {
    for (const auto& one : bundles)
      if (auto content = decode_frame<bundle>(one.body); content && well_formed(*content))
        for (auto& message : content->messages)
          numbered_[{one.sender, content->first++}] = std::move(message);
  }

  [[nodiscard]] std::uint64_t lamport_max() const {
    std::uint64_t highest = 0;
    for (const auto& [_, message] : numbered_) highest = std::max(highest, message.lamport);
    return highest;
  }

  /// The message that ends with this number; none when a part of it is missing.
  [[nodiscard]] std::optional<group_message> ending_with(const clock_entry& id) const {
    const auto last = numbered_.find({id.tag, id.number});
    if (last == numbered_.end() || last->second.fragment + 1 != last->second.fragments)
      return std::nullopt;
    auto whole = last->second;
    if (whole.fragments == 1) return whole;
    byte_buffer payload;
    for (auto number = id.number - whole.fragments + 1; number <= id.number; ++number) {
      const auto part = numbered_.find({id.tag, number});
      if (part == numbered_.end()) return std::nullopt;
      const auto bytes = part->second.payload.view();
      payload.insert(payload.end(), bytes.begin(), bytes.end());
    }
    whole.payload = shared_bytes{std::move(payload)};
    return whole;
  }

private:
  std::map<std::pair<member_tag, sequence>, group_message> numbered_;
};

/// A place in the stream whose event is gone.
gap_event vanished(std::vector<gap_event::range> missing = {}) {
  return {gap_event::cause::restart, std::move(missing)};
}

/// The event as the application would have read it. `who`: the bearer of its sender's tag.
event_body read_again(const kept::event& one, const incarnation& who,
                      const written_messages& written) {
  if (one.message.number == 0) {
    auto what = decode_event(one.body);
    return what ? std::move(*what) : event_body{vanished()};
  }
  auto message = written.ending_with(one.message);
  if (!message) return vanished({{who, one.message.number, one.message.number}});
  return message_event{
      {who, one.message.number}, message->lamport, message->sent_at, std::move(message->payload)};
}

}  // namespace

/// The group as its last life left it, before it looks for the others. This life is another
/// member: what the earlier one said is served from the log like anybody's.
void causal_group::state::restore(group_image image) {
  restore_members(image);
  buffer.reset(without_tombs(image.delivered));
  for (const auto& tomb : tombs.list()) {
    buffer.retire(make_member_tag(group, tomb.who), tomb.last);
    lamport += tomb.last;
  }
  floor = without_tombs(image.floor);
  floor.meet(delivered());
  restore_log(image);
  stable = raw_stable = live = floor;
  known = buffer.mentioned();
  lamport += delivered().total();  // No message counts for more than those before it, and one.
  if (!planted(planted_bug::frontier_not_restored)) latest.on_raised(delivered().entries());
  stream.restore(image.committed, unread_events(image));
  keeping = {.begun = true,
             .members_changed = true,
             .delivered = delivered(),
             .events = image.last,
             .committed = image.committed};
  for (const auto& member : image.members) keeping.members[member.tag] = member;
  resuming = delivered_changed = rows_changed = members_changed = true;
}

void causal_group::state::restore_members(group_image& image) {
  std::sort(image.members.begin(), image.members.end(), [](const auto& a, const auto& b) {
    return std::pair{a.who.epoch, a.tag} < std::pair{b.who.epoch, b.tag};
  });
  for (const auto& one : image.members) {
    if (one.retired) {
      (void)tombs.bury(one.tag, {one.who, one.last, one.left});
      continue;
    }
    auto& member = add_member(one.who, {});
    member.activated = true;
    member.left = one.left;
    member.root = one.root;
    member.owed_from = one.owed_from;
    if (!member.foreign()) roots.insert(one.root);
    if (one.who.node == self.node) earlier_root = one.root;
    mark_down(member);
  }
  supersede_older(self);
}

/// When damage took a part of what should be here, none of it is offered to others: they would
/// count on all of it.
void causal_group::state::restore_log(const group_image& image) {
  if (planted(planted_bug::log_not_restored)) return;
  for (const auto& one : image.bundles) {
    if (!find(one.sender) || one.last <= floor.at(one.sender)) continue;
    if (!log.insert(one.sender, {one.first, one.last, one.body})) continue;
    if (one.last <= delivered().at(one.sender)) continue;
    auto content = decode_frame<bundle>(one.body);
    if (!content || !well_formed(*content) ||
        buffer.on_bundle(std::move(*content), one.body.size()))
      log.remove(one.sender, one.first);
  }
  auto held = floor;
  log.for_each([&](member_tag of, const message_log::held& kept) {
    if (kept.first <= held.at(of) + 1) held.raise(of, kept.last);
  });
  if (held.covers(delivered())) return;
  floor = delivered();
  log.forget(floor);
}

/// What the application has not committed, as it would have read it. Where damage took an event,
/// a gap stands in its place, so that cursors keep their meaning.
std::vector<event_body> causal_group::state::unread_events(const group_image& image) {
  const written_messages written{image.bundles};
  lamport = std::max(lamport, written.lamport_max());
  std::vector<event_body> events;
  auto next = image.committed + 1;
  const auto fill_up_to = [&](cursor position) {
    for (; next < position; ++next) events.emplace_back(vanished());
  };
  for (const auto& one : image.events) {
    if (one.position < next || one.position > image.last) continue;
    fill_up_to(one.position);
    ++next;
    const auto* member = find(one.message.tag);
    const auto* tomb = tombs.find(one.message.tag);
    events.push_back(read_again(one,
                                member ? member->who
                                : tomb ? tomb->who
                                       : incarnation{},
                                written));
  }
  fill_up_to(image.last + 1);
  return events;
}

/// Whether the sponsor's group and the one that was restored were one. Else its members know
/// nothing of what we depend on: both foundings have to meet.
bool causal_group::state::shares_a_root(const group_summary& summary) const {
  return std::any_of(
      summary.members.begin(), summary.members.end(),
      [this](const listed_member& one) { return !one.foreign && roots.contains(one.root); });
}

/// A sponsor lets the next life of a member in: what it was told to start from adds to what it has
/// already. Only what nobody kept for it is lost.
void causal_group::state::resume(const group_summary& summary) {
  on_evidence(summary.base);
  auto lost = came_and_went(summary);
  const bool gone_unseen = learn_members(summary);
  declare_lost(adopt_cut(summary, gone_unseen), gap_event::cause::restart, std::move(lost));
  bury_what_is_buried(summary);
}

std::map<incarnation, sequence> causal_group::state::beginning() const {
  std::map<incarnation, sequence> from;
  for (const auto& tomb : tombs.list()) from[tomb.who] = tomb.last;
  for (const auto& [of, member] : members) from[member.who] = began.at(of);
  return from;
}

/// What lies between where an earlier life's application had come and where this stream begins is
/// lost, whatever it was: some of it may have been no message of the application.
void causal_group::state::start_stream(joined_event joined) {
  if (const auto before = std::exchange(followed, std::nullopt)) {
    gap_event gap{gap_event::cause::restart, {}};
    for (const auto& [who, number] : beginning()) {
      const auto had = before->find(who);
      const auto first = had == before->end() ? 1 : had->second + 1;
      if (first <= number) gap.missing.push_back({who, first, number});
    }
    ++counts.gaps;
    stream.append(std::move(gap));
  }
  stream.start(std::move(joined));
}

}  // namespace causerie::protocol
