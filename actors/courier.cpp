// SPDX-License-Identifier: BSL-1.0
#include "actors/courier.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <set>

#include "actors/counters.hpp"
#include "actors/stepping.hpp"

namespace causerie::actors {
namespace {

using protocol::link_set;

/// How often a peer's signs of life and round trip are passed on: every packet is one, the
/// failure detector wants far fewer.
constexpr auto heard_interval = std::chrono::milliseconds{200};

struct courier_state {
  static inline const char* name = "courier";
  node_handle node;
  vault_slot<link_set>::lease links;
  deadline_timer timer;
  std::map<protocol::node_id, protocol::instant> told_heard;
};
using pointer = courier_actor::stateful_pointer<courier_state>;

/// What one drain of the links brought, sorted by who gets it: one message each.
struct sorted_outputs {
  protocol::datagram_batch transmits;
  std::map<protocol::group_id, frames_received> group_frames;
  frames_received channel_frames;
  packets_received swim;
  peers_up up;
  lanes_writable writable;
  frames_acked channel_acks, group_acks;
  std::set<protocol::incarnation> heard;

  void operator()(link_set::transmit& x) { transmits.push_back({x.to, std::move(x.bytes)}); }
  void operator()(link_set::frame_received& x) {
    heard.insert(x.from);
    if (x.kind == protocol::frame_kind::channel) {
      channel_frames.frames.push_back({x.from, std::move(x.body)});
    } else if (x.kind == protocol::frame_kind::group) {
      if (const auto group = protocol::group_of(x.body.view()))
        group_frames[*group].frames.push_back({x.from, std::move(x.body)});
    }
  }
  void operator()(link_set::swim_received& x) {
    swim.packets.push_back({x.from, std::move(x.body)});
  }
  void operator()(link_set::peer_up& x) { up.peers.push_back(x.peer); }
  void operator()(link_set::peer_unreachable&) {}
  void operator()(link_set::frame_acked& x) {
    (x.kind == protocol::frame_kind::channel ? channel_acks : group_acks)
        .tokens.emplace_back(x.peer, x.token);
  }
  void operator()(link_set::lane_writable& x) {
    if (writable.peers.empty() || writable.peers.back() != x.peer) writable.peers.push_back(x.peer);
  }
};

void tell_orderers(const roster& staff, sorted_outputs& out) {
  for (auto& [group, frames] : out.group_frames) tell(staff.orderer(group), std::move(frames));
  if (out.up.peers.empty() && out.group_acks.tokens.empty()) return;
  for (const auto& orderer : staff.orderers()) {
    if (!out.up.peers.empty()) tell(orderer, out.up);
    if (!out.group_acks.tokens.empty()) tell(orderer, out.group_acks);
  }
}

void tell_channels(const roster& staff, sorted_outputs& out) {
  if (out.up.peers.empty() && out.channel_frames.frames.empty() && out.writable.peers.empty() &&
      out.channel_acks.tokens.empty())
    return;
  const auto channels = staff.channels();
  if (!out.up.peers.empty()) tell(channels, out.up);
  if (!out.channel_frames.frames.empty()) tell(channels, std::move(out.channel_frames));
  if (!out.channel_acks.tokens.empty()) tell(channels, std::move(out.channel_acks));
  if (!out.writable.peers.empty()) tell(channels, std::move(out.writable));
}

void tell_signs_of_life(pointer self, const sorted_outputs& out, protocol::instant at) {
  peers_heard heard;
  round_trips measured;
  for (const auto& who : out.heard) {
    auto& told = self->state.told_heard[who.node];
    if (told != protocol::instant{} && at - told < heard_interval) continue;
    told = at;
    heard.peers.push_back(who);
    if (const auto rtt = self->state.links->round_trip(who.node))
      measured.measured.emplace_back(who.node, *rtt);
  }
  const auto& staff = self->state.node->staff;
  if (!heard.peers.empty()) tell(staff.detector(), std::move(heard));
  if (measured.measured.empty()) return;
  tell(staff.channels(), measured);
  for (const auto& orderer : staff.orderers()) tell(orderer, measured);
}

void flush(pointer self, protocol::instant at) {
  auto& [node, links, timer, _] = self->state;
  links->flush(at);
  sorted_outputs out;
  while (auto output = links->poll()) std::visit(out, *output);
  if (!out.transmits.empty()) node->environment.network->send(std::move(out.transmits));
  tell_orderers(node->staff, out);
  tell_channels(node->staff, out);
  tell_signs_of_life(self, out, at);
  if (!out.swim.packets.empty()) tell(node->staff.membership(), std::move(out.swim));
  timer.arm(self, links->next_deadline(), at);
}

void send_all(pointer self, const send_frames& message, protocol::instant at) {
  frames_refused refused;
  for (const auto& [to, frame] : message.frames) {
    const auto error = self->state.links->send(to, frame, at);
    // Group frames are found again by rows; only channels want to hear of a full lane.
    if (error == protocol::protocol_errc::would_block &&
        frame.kind == protocol::frame_kind::channel)
      refused.frames.push_back({to, frame});
  }
  if (!refused.frames.empty()) tell(self->state.node->staff.channels(), std::move(refused));
}

void learn(pointer self, const members_changed& message, protocol::instant at) {
  for (const auto& member : message.members) {
    if (member.who.node == self->state.node->self().node) continue;
    const bool gone = member.state == protocol::member_state::dead ||
                      member.state == protocol::member_state::left;
    if (gone) {
      self->state.links->on_peer_gone(member.who.node, at);
      self->state.told_heard.erase(member.who.node);
    } else {
      self->state.links->on_address(member.who.node, member.address, at);
    }
  }
}

courier_actor::behavior_type courier(pointer self, node_handle node) {
  self->state.node = node;
  enlist<courier_actor>(self, node->staff);
  self->state.links = node->machines.links.take();
  tell(node->staff.membership(), resynchronise{role::courier});
  const auto at_work = [self](auto work) {
    const auto at = now(self);
    step(
        self, self->state.node, self->state.node->post(role::courier), [&] { work(at); },
        [&] { flush(self, at); });
  };
  at_work([](auto) {});
  return {
      [=](const datagrams_received& message) {
        at_work([&](auto at) { self->state.links->on_datagrams(message.batch, at); });
      },
      [=](const send_frames& message) { at_work([&](auto at) { send_all(self, message, at); }); },
      [=](const send_packets& message) {
        at_work([&](auto) {
          for (const auto& [to, bytes] : message.packets) self->state.links->send_swim(to, bytes);
        });
      },
      [=](const members_changed& message) { at_work([&](auto at) { learn(self, message, at); }); },
      [=](const close_links&) { at_work([&](auto at) { self->state.links->close(at); }); },
      [=](const deadline_reached& message) {
        if (!self->state.timer.fired(message)) return;
        at_work([&](auto at) { self->state.links->on_deadline(at); });
      },
      [=](const colleague_restarted&) {},
      [=](const report_counters&) { return counters_of(self->state.links->counters()); },
  };
}

}  // namespace

courier_actor spawn_courier(const node_handle& node) {
  return node->environment.system->spawn(courier, node);
}

}  // namespace causerie::actors
