// SPDX-License-Identifier: BSL-1.0
#include "actors/orderer.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <iterator>

#include "actors/counters.hpp"
#include "actors/journal_writer.hpp"
#include "actors/stepping.hpp"

namespace causerie::actors {
namespace {

using protocol::causal_group;
using protocol::failure;
using protocol::protocol_errc;

constexpr std::size_t events_at_once = 512;
/// How soon work that waits for a majority is tried again.
constexpr auto look_again = std::chrono::seconds{1};

struct orderer_state {
  static inline const char* name = "orderer";
  node_handle node;
  std::shared_ptr<group_room> room;
  vault_slot<causal_group>::lease group;
  deadline_timer timer;
  std::optional<protocol::instant> send_deadline;  // Of the oldest send that waits for credit.
  journal_gate::turn came;                         // Of this turn, so far.
};
using pointer = orderer_actor::stateful_pointer<orderer_state>;

struct sorted_outputs {
  pointer self;
  journal_gate::turn& came;
  bool credit = false;

  void operator()(causal_group::send_frames& x) {
    for (const auto& to : x.to) came.frames.frames.push_back({to, x.frame});
  }
  void operator()(causal_group::send_internal& x) {
    came.internal.messages.push_back({x.to, std::move(x.body)});
  }
  void operator()(causal_group::events_ready&) {}
  void operator()(causal_group::credit&) { credit = true; }
  void operator()(causal_group::announce& x) {
    came.news.push_back({self->state.group->id(), x.present});
  }
};

/// Whether what cannot be sent now can be soon.
bool may_come(const orderer_state& state, const std::error_code& error) {
  if (error == protocol_errc::would_block) return true;
  return error == protocol_errc::not_a_member &&
         (state.group->resuming() || state.room->port.returning());
}

/// Gives waiting sends to the machine, oldest first, until it has no room. A send whose deadline
/// has passed is answered with `would_block`: nothing is dropped without a word.
void take_sends(pointer self, std::deque<group_port::send_command> sends, protocol::instant at) {
  auto& state = self->state;
  const unanswered_at_failure guard{sends, failure(protocol_errc::outcome_unknown)};
  state.send_deadline.reset();
  while (!sends.empty()) {
    auto& command = sends.front();
    if (!command.deadline) command.deadline = at + command.within;
    const auto trouble = state.room->gate ? state.room->gate->trouble() : std::error_code{};
    auto sent = trouble ? tl::unexpected{trouble}
                        : state.group->send(command.payload, /*request=*/0, state.node->wall(), at);
    const bool later = !sent && may_come(state, sent.error());
    if (later && *command.deadline > at) {
      state.send_deadline = command.deadline;
      break;
    }
    auto done = std::move(command.done);
    sends.pop_front();
    if (!done) continue;
    if (sent)
      state.came.answers.emplace_back(std::move(done), std::move(sent));
    else
      done(std::move(sent));  // A refusal waits for no disk: mostly it is about the disk.
  }
  if (!sends.empty()) state.room->port.put_back(std::move(sends));
}

/// Work that a breaking machine has not taken goes back, for the next one.
class kept_at_failure {
public:
  kept_at_failure(group_port& port, std::deque<group_port::work>& works)
      : port_{port}, works_{works} {}
  ~kept_at_failure() {
    if (std::uncaught_exceptions() != failing_) port_.put_back(std::move(works_));
  }
  kept_at_failure(const kept_at_failure&) = delete;
  kept_at_failure& operator=(const kept_at_failure&) = delete;

private:
  group_port& port_;
  std::deque<group_port::work>& works_;
  int failing_ = std::uncaught_exceptions();
};

/// What an application did with one message: sends, state and cursor in this turn, or nothing.
void take_work(pointer self, std::deque<group_port::work> works, protocol::instant at) {
  auto& state = self->state;
  auto& port = state.room->port;
  const kept_at_failure guard{port, works};
  while (!works.empty()) {
    auto& piece = works.front();
    if (!piece.deadline) piece.deadline = at + piece.within;
    const auto trouble = state.room->gate ? state.room->gate->trouble() : std::error_code{};
    auto sent = trouble ? tl::unexpected{trouble}
                        : state.group->send_together(piece.sends, state.node->wall(), at);
    // For a full disk or a missing majority no message is to blame: it waits as long as that lasts.
    const bool blameless = trouble || (!sent && sent.error() == protocol_errc::no_majority);
    if (blameless) piece.deadline = at + piece.within;
    if (blameless || (!sent && may_come(state, sent.error()) && *piece.deadline > at)) {
      const auto next = blameless ? at + look_again : *piece.deadline;
      state.send_deadline = earlier(state.send_deadline, next);
      break;
    }
    if (sent) state.group->commit(piece.up_to, at);
    auto taken = std::move(piece);
    works.pop_front();
    if (sent) {
      port.note_committed(taken.up_to);
      std::move(taken.records.begin(), taken.records.end(), std::back_inserter(state.came.records));
      if (taken.when_kept)
        state.came.answers.emplace_back(
            [call = std::move(taken.when_kept)](const auto& kept) {
              if (kept) call();
            },
            protocol::message_id{});
    }
    taken.done(sent ? std::error_code{} : sent.error(), at);
  }
  if (!works.empty()) port.put_back(std::move(works));
}

void serve_application(pointer self, protocol::instant at) {
  auto commands = self->state.room->port.take_commands();
  if (commands.commit) self->state.group->commit(*commands.commit, at);
  take_sends(self, std::move(commands.sends), at);
  take_work(self, std::move(commands.works), at);
  if (commands.leave) self->state.group->leave(at);
}

void hand_over_events(pointer self) {
  auto& port = self->state.room->port;
  const auto& gate = self->state.room->gate;
  while (const auto room = port.room()) {
    auto events = self->state.group->read(port.handed_over(), std::min(room, events_at_once));
    while (gate && !events.empty() && events.back().position > gate->readable()) events.pop_back();
    if (events.empty()) return;
    const bool begins = std::any_of(events.begin(), events.end(), [](const auto& event) {
      return std::holds_alternative<protocol::joined_event>(event.what);
    });
    if (begins) port.begin_at(self->state.group->beginning());
    port.deliver(std::move(events));
  }
}

/// What came of a turn goes out: whatever it did need not be kept, or is.
void let_out(pointer self, journal_gate::turn came) {
  const auto& staff = self->state.node->staff;
  for (const auto& news : came.news) tell(staff.membership(), news);
  if (!came.frames.frames.empty()) tell(staff.courier(), std::move(came.frames));
  if (!came.internal.messages.empty()) tell(staff.channels(), std::move(came.internal));
  for (auto& [done, sent] : came.answers) done(std::move(sent));
}

void let_out_what_is_kept(pointer self) {
  auto& gate = *self->state.room->gate;
  for (auto& turn : gate.take_kept()) let_out(self, std::move(turn));
  if (const auto trouble = gate.trouble(); journal::is_final(trouble)) gate.give_up(trouble);
}

/// Whatever was kept has been given out, and nothing more will be: the membership is over here.
void end_if_the_disk_failed(pointer self) {
  const auto& room = *self->state.room;
  if (!room.gate || room.port.ended() || room.port.handed_over() < room.gate->readable()) return;
  if (const auto trouble = room.gate->trouble(); journal::is_final(trouble))
    self->state.room->port.fail(trouble);
}

void flush(pointer self, protocol::instant at) {
  auto& state = self->state;
  sorted_outputs out{.self = self, .came = state.came};
  for (;;) {
    while (auto output = state.group->poll()) std::visit(out, *output);
    if (!std::exchange(out.credit, false)) break;
    serve_application(self, at);
  }
  auto came = std::exchange(state.came, {});
  if (auto& gate = state.room->gate) {
    if (gate->put(std::move(came), state.group->take_notes(), state.node->wall(), at))
      have_it_kept(*state.node);
    let_out_what_is_kept(self);
  } else {
    let_out(self, std::move(came));
  }
  hand_over_events(self);
  end_if_the_disk_failed(self);
  auto next = earlier(state.group->next_deadline(), state.send_deadline);
  if (state.room->gate) next = earlier(next, state.room->gate->due());
  state.timer.arm(self, next, at);
}

void learn(causal_group& group, const members_changed& message, protocol::instant at) {
  for (const auto& member : message.members) {
    const bool up = member.state == protocol::member_state::alive ||
                    member.state == protocol::member_state::suspect;
    up ? group.on_node_up(member.who, at) : group.on_node_down(member.who, at);
  }
}

/// What was decided in a step that was never ended: nobody can tell what became of it.
void give_up_answers(orderer_state& state) {
  for (auto& [done, _] : std::exchange(state.came, {}).answers)
    done(failure(protocol_errc::outcome_unknown));
}

/// One handler's work: on the machine, at the node's time, and whatever came of it goes out.
template <class Work>
void at_work(pointer self, Work work) {
  const auto at = now(self);
  auto& state = self->state;
  step(
      self, state.node, state.room->post, [&] { work(*state.group, at); },
      [&] { flush(self, at); });
  give_up_answers(state);  // None are left but by a step that failed.
}

void restart(pointer self) {
  at_work(self, [&](causal_group& group, auto at) {
    if (self->state.room->machine.taken_before()) group.on_restarted(at);
    tell(self->state.node->staff.membership(), resynchronise{role::orderer});
    serve_application(self, at);
  });
}

void on_deadline(pointer self, const deadline_reached& message) {
  if (!self->state.timer.fired(message)) return;
  at_work(self, [&](causal_group& it, auto at) {
    it.on_deadline(at);
    if (self->state.send_deadline && *self->state.send_deadline <= at) serve_application(self, at);
  });
}

void on_restart_of(pointer self, role who) {
  at_work(self, [&](causal_group& it, auto at) {
    if (who == role::courier || who == role::channels) it.on_restarted(at);
    if (who == role::membership)
      tell(self->state.node->staff.membership(), resynchronise{role::orderer});
  });
}

orderer_actor::behavior_type orderer(pointer self, node_handle node,
                                     std::shared_ptr<group_room> room) {
  self->state.node = node;
  self->state.room = room;
  node->staff.set(room->port.id(), caf::actor_cast<orderer_actor>(self));  // As `enlist`.
  self->state.group = room->machine.take();
  restart(self);
  return {
      [=](const frames_received& message) {
        at_work(self, [&](causal_group& group, auto at) {
          // Nonsense is counted by the machine and changes nothing.
          // So is what comes while the disk is too far behind: it will be asked for again.
          if (room->gate && room->gate->full()) return;
          for (const auto& [from, body] : message.frames) (void)group.on_frame(from, body, at);
        });
      },
      [=](const frames_acked& message) {
        at_work(self, [&](causal_group& group, auto at) {
          for (const auto& [peer, token] : message.tokens) group.on_frame_acked(peer, token, at);
        });
      },
      [=](const peers_up& message) {
        at_work(self, [&](causal_group& group, auto at) {
          for (const auto& who : message.peers) group.on_peer_up(who, at);
        });
      },
      [=](const round_trips& message) {
        at_work(self, [&](causal_group& group, auto) {
          for (const auto& [peer, rtt] : message.measured) group.on_round_trip(peer, rtt);
        });
      },
      [=](const members_changed& message) {
        at_work(self, [&](causal_group& group, auto at) { learn(group, message, at); });
      },
      [=](const group_directory& message) {
        at_work(self, [&](causal_group& group, auto at) {
          group.on_directory(message.present, message.complete, at);
        });
      },
      [=](const application_called&) {
        at_work(self, [&](causal_group&, auto at) { serve_application(self, at); });
      },
      [=](const journal_kept&) {
        at_work(self, [&](causal_group&, auto at) { serve_application(self, at); });
      },
      [=](const deadline_reached& message) { on_deadline(self, message); },
      [=](const colleague_restarted& message) { on_restart_of(self, message.who); },
      [=](const report_counters&) { return counters_of(self->state.group->counters()); },
      [=](const explain_message& message) { return self->state.group->explain(message.id); },
      [=](const internal_message& message, const protocol::incarnation& from) {
        at_work(self, [&](causal_group& group, auto at) {
          (void)group.on_internal(from, message.body, at);
        });
      },
  };
}

}  // namespace

orderer_actor spawn_orderer(const node_handle& node, const std::shared_ptr<group_room>& room) {
  return node->environment.system->spawn(orderer, node, room);
}

}  // namespace causerie::actors
