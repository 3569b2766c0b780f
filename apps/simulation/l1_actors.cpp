// SPDX-License-Identifier: BSL-1.0
// What each actor of a level-1 node does with its mail, and whom it tells: a twin of actors/.
#include <algorithm>
#include <utility>

#include "apps/simulation/l1_node.hpp"

namespace causerie::simulation {
namespace {

using protocol::instant;
using protocol::member_state;
using protocol::protocol_errc;

/// How often a peer's signs of life are passed on: as the courier does.
constexpr auto heard_interval = std::chrono::milliseconds{200};
constexpr const char* group_channel = "~group";

template <class... Handlers>
struct overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
overloaded(Handlers...) -> overloaded<Handlers...>;

constexpr auto ignore = [](const auto&) {};

bool is_there(const protocol::member_view& member) {
  return member.state == member_state::alive || member.state == member_state::suspect;
}

template <class Machine>
void learn(Machine& machine, const mail::members& news, instant at) {
  for (const auto& member : news.list)
    is_there(member) ? machine.on_node_up(member.who, at) : machine.on_node_down(member.who, at);
}

}  // namespace

// --- courier ---

void l1_node::handle_courier(mail::any& what, instant at) {
  std::visit(overloaded{ignore, [&](const mail::datagrams& x) { links_.on_datagrams(x.batch, at); },
                        [&](const mail::frames& x) { send_frames(x, at); },
                        [&](const mail::packets& x) {
                          for (const auto& [to, bytes] : x.list) links_.send_swim(to, bytes);
                        },
                        [&](const mail::members& x) { learn_addresses(x, at); }},
             what);
}

void l1_node::send_frames(const mail::frames& frames, instant at) {
  mail::frames_refused refused;
  for (const auto& [to, frame] : frames.list) {
    const auto error = links_.send(to, frame, at);
    // Group frames are found again by rows; only channels want to hear of a full lane.
    if (error == protocol_errc::would_block && frame.kind == protocol::frame_kind::channel)
      refused.what.list.emplace_back(to, frame);
  }
  if (!refused.what.list.empty()) post(actor_kind::channels, std::move(refused));
}

void l1_node::learn_addresses(const mail::members& news, instant at) {
  for (const auto& member : news.list) {
    if (member.who.node == environment_.self.node) continue;
    if (is_there(member)) {
      links_.on_address(member.who.node, member.address, at);
    } else {
      links_.on_peer_gone(member.who.node, at);
      told_heard_.erase(member.who.node);
    }
  }
}

void l1_node::flush_courier(instant at) {
  links_.flush(at);
  protocol::datagram_batch transmits;
  mail::opened group_frames, channel_frames;
  mail::acked group_acks, channel_acks;
  mail::swim swim;
  mail::peers_up up;
  mail::lanes_writable writable;
  using links = protocol::link_set;
  const overloaded sort{
      [&](links::transmit& x) {
        transmits.push_back({x.to, std::move(x.bytes)});
      },
      [&](links::frame_received& x) {
        if (heard_.empty() || heard_.back() != x.from) heard_.push_back(x.from);
        auto& list = x.kind == protocol::frame_kind::channel ? channel_frames : group_frames;
        list.list.emplace_back(x.from, std::move(x.body));
      },
      [&](links::swim_received& x) { swim.what.list.emplace_back(x.from, std::move(x.body)); },
      [&](links::peer_up& x) { up.peers.push_back(x.peer); },
      [&](links::peer_unreachable&) {},
      [&](links::frame_acked& x) {
        auto& acks = x.kind == protocol::frame_kind::channel ? channel_acks : group_acks;
        acks.tokens.emplace_back(x.peer, x.token);
      },
      [&](links::lane_writable& x) {
        if (writable.peers.empty() || writable.peers.back() != x.peer)
          writable.peers.push_back(x.peer);
      }};
  while (auto output = links_.poll()) std::visit(sort, *output);
  if (!transmits.empty()) environment_.network->send(std::move(transmits));
  if (!up.peers.empty()) {
    post(actor_kind::orderer, up);
    post(actor_kind::channels, std::move(up));
  }
  if (!group_frames.list.empty()) post(actor_kind::orderer, std::move(group_frames));
  if (!group_acks.tokens.empty()) post(actor_kind::orderer, std::move(group_acks));
  if (!channel_frames.list.empty()) post(actor_kind::channels, std::move(channel_frames));
  if (!channel_acks.tokens.empty()) post(actor_kind::channels, std::move(channel_acks));
  if (!writable.peers.empty()) post(actor_kind::channels, std::move(writable));
  if (!swim.what.list.empty()) post(actor_kind::membership, std::move(swim));
  if (!heard_.empty()) tell_signs_of_life(at);
}

void l1_node::tell_signs_of_life(instant at) {
  std::sort(heard_.begin(), heard_.end());
  heard_.erase(std::unique(heard_.begin(), heard_.end()), heard_.end());
  mail::peers_heard news;
  mail::round_trips measured;
  for (const auto& who : heard_) {
    auto& told = told_heard_[who.node];
    if (told != instant{} && at - told < heard_interval) continue;
    told = at;
    news.peers.push_back(who);
    if (const auto rtt = links_.round_trip(who.node)) measured.list.emplace_back(who.node, *rtt);
  }
  heard_.clear();
  if (!news.peers.empty()) post(actor_kind::failure_detector, std::move(news));
  if (measured.list.empty()) return;
  post(actor_kind::channels, measured);
  post(actor_kind::orderer, std::move(measured));
}

// --- failure detector ---

void l1_node::handle_detector(mail::any& what, instant at) {
  std::visit(overloaded{ignore,
                        [&](const mail::probes_in& x) {
                          for (const auto& probe : x.list) detector_.on_message(probe, at);
                        },
                        [&](const mail::targets& x) {
                          for (const auto& target : x.list)
                            detector_.on_target(target.who, target.address, target.wanted,
                                                target.suspected, at);
                        },
                        [&](const mail::peers_heard& x) {
                          for (const auto& who : x.peers) detector_.on_heard(who, at);
                        },
                        [&](const mail::addresses_refused& x) {
                          for (const auto& address : x.list) detector_.on_refused(address, at);
                        },
                        [&](const mail::probe_hints& x) {
                          if (x.self_refuted) detector_.on_self_refuted(at);
                          for (const auto& who : x.accused) detector_.on_accused(who, at);
                        }},
             what);
}

void l1_node::flush_detector() {
  mail::probes_out probes;
  mail::evidence seen;
  using machine = protocol::failure_detector;
  const overloaded sort{[&](machine::send_probe& x) { probes.list.push_back(x.message); },
                        [&](machine::alive& x) {
                          seen.list.push_back({x.who, true, x.round_trip});
                        },
                        [&](machine::probe_failed& x) {
                          seen.list.push_back({x.who, false, {}, x.refused});
                        },
                        [&](machine::health_changed&) {}};
  while (auto output = detector_.poll()) std::visit(sort, *output);
  if (!seen.list.empty()) post(actor_kind::membership, std::move(seen));
  if (!probes.list.empty()) post(actor_kind::membership, std::move(probes));
}

// --- membership ---

void l1_node::handle_membership(mail::any& what, instant at) {
  std::visit(overloaded{ignore,
                        [&](const mail::swim& x) {
                          mail::probes_in probes;
                          for (const auto& [from, bytes] : x.what.list) {
                            auto probe = table_.on_packet(from, bytes, at);
                            if (probe && *probe) probes.list.push_back(**probe);
                          }
                          if (!probes.list.empty())
                            post(actor_kind::failure_detector, std::move(probes));
                        },
                        [&](const mail::probes_out& x) {
                          mail::packets packets;
                          for (const auto& probe : x.list)
                            packets.list.emplace_back(probe.address, table_.pack(probe, at));
                          post(actor_kind::courier, std::move(packets));
                        },
                        [&](const mail::evidence& x) {
                          for (const auto& item : x.list)
                            item.alive ? table_.on_alive(item.who, item.round_trip, at)
                                       : table_.on_probe_failed(item.who, item.refused, at);
                        },
                        [&](const mail::presence& x) {
                          if (group_) table_.announce(group_->id(), x.present, at);
                        },
                        [&](const mail::tell_all& x) { tell_everything(actor_kind{x.asker}); }},
             what);
}

void l1_node::flush_membership() {
  mail::packets packets;
  mail::members changed;
  mail::targets targets;
  mail::probe_hints hints;
  bool directory = false;
  using table = protocol::member_table;
  const overloaded sort{
      [&](table::send_packet& x) { packets.list.emplace_back(x.to, std::move(x.bytes)); },
      [&](table::member_changed& x) { changed.list.push_back(std::move(x.member)); },
      [&](table::probe_target& x) { targets.list.push_back(x); },
      [&](table::directory_changed& x) { directory |= group_ && x.group == group_->id(); },
      [&](table::ready&) { directory = true; },
      [&](table::join_unanswered&) {},
      [&](table::refused&) {},
      [&](table::conflict&) {},
      [&](table::probe_now& x) { hints.accused.push_back(x.who); },
      [&](table::self_refuted&) { hints.self_refuted = true; }};
  while (auto output = table_.poll()) std::visit(sort, *output);
  if (!packets.list.empty()) post(actor_kind::courier, std::move(packets));
  if (!targets.list.empty()) post(actor_kind::failure_detector, std::move(targets));
  if (hints.self_refuted || !hints.accused.empty())
    post(actor_kind::failure_detector, std::move(hints));
  if (!changed.list.empty()) {
    post(actor_kind::channels, changed);
    post(actor_kind::orderer, changed);
    post(actor_kind::courier, std::move(changed));
  }
  if (directory) tell_directory();
}

void l1_node::tell_directory() {
  if (group_)
    post(actor_kind::orderer, mail::directory{table_.directory(group_->id()), table_.is_ready()});
}

void l1_node::tell_everything(actor_kind asker) {
  switch (asker) {
    case actor_kind::courier:
    case actor_kind::channels: return post(asker, mail::members{table_.members()});
    case actor_kind::orderer: {
      post(asker, mail::members{table_.members()});
      return tell_directory();
    }
    case actor_kind::failure_detector: {
      mail::targets targets;
      for (const auto& member : table_.members())
        if (member.who.node != environment_.self.node)
          targets.list.push_back({.who = member.who,
                                  .address = member.address,
                                  .wanted = is_there(member),
                                  .suspected = member.state == member_state::suspect,
                                  .refutations = member.refutations});
      return post(asker, std::move(targets));
    }
    case actor_kind::membership: return;
  }
}

// --- channels ---

void l1_node::handle_channels(mail::any& what, instant at) {
  std::visit(
      overloaded{
          ignore,
          [&](const mail::opened& x) {
            for (const auto& [from, body] : x.list) (void)channels_.on_frame(from, body, at);
          },
          [&](const mail::frames_refused& x) {
            for (const auto& [peer, frame] : x.what.list) channels_.on_lane_blocked(peer, frame);
          },
          [&](const mail::lanes_writable& x) {
            for (const auto& peer : x.peers) channels_.on_lane_writable(peer, at);
          },
          [&](const mail::acked& x) {
            for (const auto& [peer, token] : x.tokens) channels_.on_frame_acked(peer, token, at);
          },
          [&](const mail::peers_up& x) {
            for (const auto& who : x.peers) channels_.on_peer_up(who, at);
          },
          [&](const mail::round_trips& x) {
            for (const auto& [peer, rtt] : x.list) channels_.on_round_trip(peer, rtt);
          },
          [&](const mail::members& x) { learn(channels_, x, at); },
          [&](const mail::internal_out& x) {
            // A full internal channel loses nothing: the orderer asks again.
            for (const auto& [to, body] : x.list)
              (void)channels_.send({to, group_channel}, body, /*request=*/0, std::nullopt, at);
          },
          [&](const mail::application_called&) { serve_whispers(at); },
          [&](const mail::colleague_restarted&) { channels_.on_restarted(at); }},
      what);
}

void l1_node::flush_channels(instant at) {
  l1_journal::turn came;
  bool credit = false;
  using machine = protocol::channel_set;
  const overloaded sort{
      [&](machine::send_frame& x) { came.frames.list.emplace_back(x.to, std::move(x.frame)); },
      [&](machine::outcome& x) {
        const auto awaited = outcomes_awaited_.find(x.message);
        if (awaited == outcomes_awaited_.end()) return;
        whispers_taken_.push_back(whisper_answer{awaited->second, {}, x.what});
        outcomes_awaited_.erase(awaited);
      },
      [&](machine::messages_ready& x) {
        x.from.name.starts_with('~') ? pass_on_internal(x.from, at)
                                     : void(private_ready_.insert(x.from));
      },
      [&](machine::credit&) { credit = true; }};
  do {
    if (std::exchange(credit, false)) serve_whispers(at);
    while (auto output = channels_.poll()) std::visit(sort, *output);
  } while (credit);
  came.answers = std::exchange(whispers_taken_, {});
  if (!journal_) return release(std::move(came));
  journal_->put(std::move(came), channels_.take_notes(), at);
  for (auto& turn : journal_->commit_what_is_due(at)) release(std::move(turn));
}

/// What orderers told each other: handed on at once and committed, for they ask again if it is
/// lost.
void l1_node::pass_on_internal(const protocol::channel_key& key, instant at) {
  const auto messages = channels_.read(key, channels_.committed(key), 1024);
  if (messages.empty()) return;
  for (const auto& message : messages)
    post(actor_kind::orderer, mail::internal_in{message.from, message.payload});
  channels_.commit(key, messages.back().position, at);
}

// --- orderer ---

void l1_node::handle_orderer(mail::any& what, instant at) {
  if (!group_) return;
  auto& group = *group_;
  std::visit(
      overloaded{ignore,
                 [&](const mail::opened& x) {
                   for (const auto& [from, body] : x.list)
                     if (protocol::group_of(body.view()) == group.id())
                       (void)group.on_frame(from, body, at);
                 },
                 [&](const mail::internal_in& x) {
                   if (protocol::group_of(x.body.view()) == group.id())
                     (void)group.on_internal(x.from, x.body, at);
                 },
                 [&](const mail::acked& x) {
                   for (const auto& [peer, token] : x.tokens) group.on_frame_acked(peer, token, at);
                 },
                 [&](const mail::peers_up& x) {
                   for (const auto& who : x.peers) group.on_peer_up(who, at);
                 },
                 [&](const mail::round_trips& x) {
                   for (const auto& [peer, rtt] : x.list) group.on_round_trip(peer, rtt);
                 },
                 [&](const mail::members& x) { learn(group, x, at); },
                 [&](const mail::directory& x) { group.on_directory(x.present, x.complete, at); },
                 [&](const mail::application_called&) { serve_broadcasts(at); },
                 [&](const mail::colleague_restarted&) { group.on_restarted(at); }},
      what);
}

void l1_node::flush_orderer(instant at) {
  if (!group_) return;
  l1_journal::turn came;
  bool credit = false;
  using machine = protocol::causal_group;
  const overloaded sort{
      [&](machine::send_frames& x) {
        for (const auto& to : x.to) came.frames.list.emplace_back(to, x.frame);
      },
      [&](machine::send_internal& x) { came.internal.list.emplace_back(x.to, std::move(x.body)); },
      [&](machine::events_ready&) { events_wait_ = true; },
      [&](machine::credit&) { credit = true; },
      [&](machine::announce& x) { came.presence.push_back(x.present); }};
  do {
    if (std::exchange(credit, false)) serve_broadcasts(at);
    while (auto output = group_->poll()) std::visit(sort, *output);
  } while (credit);
  came.answers = std::exchange(broadcasts_taken_, {});
  if (!journal_) return release(std::move(came));
  journal_->put(std::move(came), group_->take_notes(), at);
  for (auto& turn : journal_->commit_what_is_due(at)) release(std::move(turn));
}

}  // namespace causerie::simulation
