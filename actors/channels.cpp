// SPDX-License-Identifier: BSL-1.0
#include "actors/channels.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <set>

#include "actors/counters.hpp"
#include "actors/journal_writer.hpp"
#include "actors/stepping.hpp"

namespace causerie::actors {
namespace {

using protocol::channel_key;
using protocol::channel_set;
using protocol::protocol_errc;

/// Orderers' own messages; see causal_group::send_internal.
constexpr const char* group_channel = "~group";
constexpr std::size_t messages_at_once = 512;

struct channels_state {
  static inline const char* name = "channels";
  node_handle node;
  vault_slot<channel_set>::lease channels;
  deadline_timer timer;
  std::optional<protocol::instant> send_deadline;
  channel_turn came;  // Of this turn, so far.
};
using pointer = channels_actor::stateful_pointer<channels_state>;

bool is_internal(const channel_key& key) { return key.name.starts_with('~'); }

struct sorted_outputs {
  channel_turn& came;
  std::vector<channel_key> ready;
  bool credit = false;

  void operator()(channel_set::send_frame& x) {
    came.frames.frames.push_back({x.to, std::move(x.frame)});
  }
  void operator()(channel_set::outcome& x) {
    if (!is_internal(x.to)) came.outcomes.emplace_back(x.message, x.what);
  }
  void operator()(channel_set::messages_ready& x) { ready.push_back(std::move(x.from)); }
  void operator()(channel_set::credit&) { credit = true; }
};

protocol::result<std::uint64_t> give(channels_state& state,
                                     const channel_port::send_command& command,
                                     protocol::instant at) {
  if (command.kept) {
    const auto& gate = state.node->machines.channels_gate;
    if (gate && gate->trouble()) return tl::unexpected{gate->trouble()};
    if (const auto error = state.channels->make_durable(command.to, at))
      return tl::unexpected{error};
  }
  return state.channels->send(command.to, command.payload, /*request=*/0, command.deadline, at);
}

/// Sends are independent between channels: one full channel holds back only its own.
void take_sends(pointer self, std::deque<channel_port::send_command> sends, protocol::instant at) {
  auto& state = self->state;
  auto& port = state.node->machines.private_port;
  state.send_deadline.reset();
  std::deque<channel_port::send_command> later;
  std::set<channel_key> full;
  const unanswered_at_failure taken{sends, protocol::send_outcome::unknown};
  const unanswered_at_failure put_off{later, protocol::send_outcome::unknown};
  for (auto& command : sends) {
    if (!command.deadline) command.deadline = at + command.within;
    const bool expired = *command.deadline <= at;
    if (full.contains(command.to) && !expired) {
      later.push_back(std::move(command));
      continue;
    }
    const auto sent = give(state, command, at);
    if (sent) {
      port.await_outcome(*sent, std::move(command.done));
      if (command.kept) state.came.kept.push_back(std::move(command.kept));
    } else if (sent.error() == protocol_errc::would_block && !expired) {
      full.insert(command.to);
      state.send_deadline = earlier(state.send_deadline, command.deadline);
      later.push_back(std::move(command));
    } else {
      command.done(tl::unexpected{sent.error()});
    }
  }
  if (!later.empty()) port.put_back(std::move(later));
}

void hand_over(pointer self, const channel_key& key) {
  auto& port = self->state.node->machines.private_port;
  while (const auto room = port.room(key.name)) {
    auto messages = self->state.channels->read(
        key, std::max(port.handed_over(key), self->state.channels->committed(key)),
        std::min(room, messages_at_once));
    if (messages.empty()) return;
    port.deliver(key, std::move(messages));
  }
}

/// What orderers told each other: handed on at once and committed, for they ask again if it is
/// lost.
void hand_to_orderers(pointer self, const channel_key& key, protocol::instant at) {
  for (;;) {
    const auto messages =
        self->state.channels->read(key, self->state.channels->committed(key), messages_at_once);
    if (messages.empty()) return;
    for (const auto& message : messages)
      if (const auto group = protocol::group_of(message.payload.view())) {
        const auto orderer = self->state.node->staff.orderer(*group);
        if (orderer)
          caf::anon_send(orderer, internal_message{key.peer, message.payload}, message.from);
      }
    self->state.channels->commit(key, messages.back().position, at);
  }
}

void serve_application(pointer self, protocol::instant at) {
  auto commands = self->state.node->machines.private_port.take_commands();
  for (const auto& [key, up_to] : commands.commits) self->state.channels->commit(key, up_to, at);
  for (const auto& key : commands.given_up) self->state.channels->give_up(key, at);
  take_sends(self, std::move(commands.sends), at);
  for (const auto& key : self->state.channels->readable())
    if (!is_internal(key)) hand_over(self, key);
}

/// What came of a turn goes out: whatever it did need not be kept, or is.
void let_out(pointer self, channel_turn came) {
  if (!came.frames.frames.empty()) tell(self->state.node->staff.courier(), std::move(came.frames));
  for (const auto& tell_sender : came.kept) tell_sender();
  for (const auto& [message, what] : came.outcomes)
    self->state.node->machines.private_port.resolve(message, what);
}

/// What came of a turn of a node with a journal goes out when that has kept what the turn did.
void let_out_what_is_kept(pointer self, channel_gate& gate, channel_turn came) {
  auto& node = *self->state.node;
  if (gate.put(std::move(came), self->state.channels->take_notes())) have_it_kept(node);
  for (auto& turn : gate.take_kept()) let_out(self, std::move(turn));
  const auto trouble = gate.trouble();
  if (!journal::is_final(trouble)) return;
  gate.drop();
  node.machines.private_port.fail(trouble);
}

void flush(pointer self, protocol::instant at) {
  auto& state = self->state;
  sorted_outputs out{.came = state.came};
  for (;;) {
    while (auto output = state.channels->poll()) std::visit(out, *output);
    for (const auto& key : std::exchange(out.ready, {}))
      is_internal(key) ? hand_to_orderers(self, key, at) : hand_over(self, key);
    if (std::exchange(out.credit, false)) {
      serve_application(self, at);
      continue;
    }
    auto more = state.channels->poll();  // Committing internal messages may have asked for frames.
    if (!more) break;
    std::visit(out, *more);
  }
  auto came = std::exchange(state.came, {});
  auto& gate = state.node->machines.channels_gate;
  gate ? let_out_what_is_kept(self, *gate, std::move(came)) : let_out(self, std::move(came));
  state.timer.arm(self, earlier(state.channels->next_deadline(), state.send_deadline), at);
}

void learn(channel_set& channels, const members_changed& message, protocol::instant at) {
  for (const auto& member : message.members) {
    const bool up = member.state == protocol::member_state::alive ||
                    member.state == protocol::member_state::suspect;
    up ? channels.on_node_up(member.who, at) : channels.on_node_down(member.who, at);
  }
}

/// One handler's work: on the machine, at the node's time, and whatever came of it goes out.
template <class Work>
void at_work(pointer self, Work work) {
  const auto at = now(self);
  step(
      self, self->state.node, self->state.node->post(role::channels),
      [&] { work(*self->state.channels, at); }, [&] { flush(self, at); });
}

void restart(pointer self) {
  at_work(self, [&](channel_set& channels, auto at) {
    auto& node = *self->state.node;
    if (node.machines.channels.taken_before()) channels.on_restarted(at);
    tell(node.staff.membership(), resynchronise{role::channels});
    for (const auto& key : channels.readable())
      if (is_internal(key)) hand_to_orderers(self, key, at);
    serve_application(self, at);
  });
}

void on_deadline(pointer self, const deadline_reached& message) {
  if (!self->state.timer.fired(message)) return;
  at_work(self, [&](channel_set& it, auto at) {
    it.on_deadline(at);
    if (self->state.send_deadline && *self->state.send_deadline <= at) serve_application(self, at);
  });
}

/// A full internal channel loses nothing: the orderer asks again.
void send_for_orderers(pointer self, const send_internal& message) {
  at_work(self, [&](channel_set& it, auto at) {
    for (const auto& [to, body] : message.messages)
      (void)it.send({to, group_channel}, body, /*request=*/0, std::nullopt, at);
  });
}

channels_actor::behavior_type channels(pointer self, node_handle node) {
  self->state.node = node;
  enlist<channels_actor>(self, node->staff);
  self->state.channels = node->machines.channels.take();
  restart(self);
  return {
      [=](const frames_received& message) {
        at_work(self, [&](channel_set& it, auto at) {
          // While the disk is too far behind nothing is taken in: it will be asked for again.
          const auto& gate = self->state.node->machines.channels_gate;
          if (gate && gate->full()) return;
          // Nonsense is counted by the machine and changes nothing.
          for (const auto& [from, body] : message.frames) (void)it.on_frame(from, body, at);
        });
      },
      [=](const frames_refused& message) {
        at_work(self, [&](channel_set& it, auto) {
          for (const auto& [peer, frame] : message.frames) it.on_lane_blocked(peer, frame);
        });
      },
      [=](const lanes_writable& message) {
        at_work(self, [&](channel_set& it, auto at) {
          for (const auto& peer : message.peers) it.on_lane_writable(peer, at);
        });
      },
      [=](const frames_acked& message) {
        at_work(self, [&](channel_set& it, auto at) {
          for (const auto& [peer, token] : message.tokens) it.on_frame_acked(peer, token, at);
        });
      },
      [=](const peers_up& message) {
        at_work(self, [&](channel_set& it, auto at) {
          for (const auto& who : message.peers) it.on_peer_up(who, at);
        });
      },
      [=](const round_trips& message) {
        at_work(self, [&](channel_set& it, auto) {
          for (const auto& [peer, rtt] : message.measured) it.on_round_trip(peer, rtt);
        });
      },
      [=](const members_changed& message) {
        at_work(self, [&](channel_set& it, auto at) { learn(it, message, at); });
      },
      [=](const send_internal& message) { send_for_orderers(self, message); },
      [=](const application_called&) {
        at_work(self, [&](channel_set&, auto at) { serve_application(self, at); });
      },
      [=](const deadline_reached& message) { on_deadline(self, message); },
      [=](const colleague_restarted& message) {
        at_work(self, [&](channel_set& it, auto at) {
          if (message.who == role::courier) it.on_restarted(at);
        });
      },
      [=](const report_counters&) { return counters_of(self->state.channels->counters()); },
      [=](const journal_kept&) {
        // What waited for room on the disk may be answered, too.
        at_work(self, [&](channel_set&, auto at) { serve_application(self, at); });
      },
  };
}

}  // namespace

channels_actor spawn_channels(const node_handle& node) {
  return node->environment.system->spawn(channels, node);
}

}  // namespace causerie::actors
