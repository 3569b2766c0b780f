// SPDX-License-Identifier: BSL-1.0
#include "actors/journal_writer.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <optional>

#include "actors/stepping.hpp"

namespace causerie::actors {
namespace {

using namespace std::chrono_literals;

constexpr auto try_again = 500ms;

struct writer_state {
  static inline const char* name = "journal";
  node_handle node;
  deadline_timer timer;
  std::optional<protocol::instant> done_at;  // A commit of a simulated disk takes until then.
};
using pointer = journal_actor::stateful_pointer<writer_state>;

void tell_keepers(const node_context& node) {
  tell(node.staff.channels(), journal_kept{});
  for (const auto& orderer : node.staff.orderers()) tell(orderer, journal_kept{});
}

/// A full disk is tried again; after anything worse nothing may be acknowledged any more.
void write(pointer self) {
  auto& node = *self->state.node;
  auto& desk = *node.environment.journal;
  if (!journal::is_final(desk.trouble())) desk.keep_all();
  const bool more = desk.kept_more();  // By us, or by somebody together with his own.
  const auto change = desk.change_of_trouble();
  const auto trouble = change.value_or(desk.trouble());
  if (more || change) tell_keepers(node);  // Also those who wait for room are answered.
  if (change)
    node.occurred("journal", {{"what", trouble ? trouble.message() : "writing again"},
                              {"final", journal::is_final(trouble) ? "true" : "false"}});
  if (!trouble) return;
  if (!journal::is_final(trouble))
    return self->state.timer.arm(self, now(self) + try_again, now(self));
  if (!change) return;
  // Others need not find out by waiting that nothing will come from here any more.
  tell(node.staff.membership(), leave_cluster{});
  node.failed(node_failure::cause::disk, "journal: " + trouble.message());
}

/// As `write`, on a disk that takes its time: a simulated one cannot make the thread wait for it.
void write_in_time(pointer self) {
  auto& state = self->state;
  const auto at = now(self);
  if (!state.done_at) {
    const auto& takes = state.node->environment.commit_takes;
    const auto longer = takes ? takes() : protocol::duration{0};
    if (longer.count() <= 0) return write(self);
    state.done_at = at + longer;
  }
  if (*state.done_at > at) return state.timer.arm(self, state.done_at, at);
  state.done_at.reset();
  write(self);
}

journal_actor::behavior_type writer(pointer self, node_handle node) {
  self->state.node = node;
  enlist<journal_actor>(self, node->staff);
  const auto at_work = [=] {
    step(
        self, self->state.node, self->state.node->post(role::journal), [&] { write_in_time(self); },
        [] {});
  };
  at_work();  // What waited while there was no writer.
  return {
      [=](const keep_what_waits&) { at_work(); },
      [=](const deadline_reached& message) {
        if (self->state.timer.fired(message)) at_work();
      },
      [=](const colleague_restarted&) {},
  };
}

}  // namespace

journal_actor spawn_journal_writer(const node_handle& node) {
  auto& system = *node->environment.system;
  return node->environment.journal_on_its_own_thread ? system.spawn<caf::detached>(writer, node)
                                                     : system.spawn(writer, node);
}

void have_it_kept(const node_context& node) {
  const auto& given = node.environment;
  const bool writer_is_elsewhere = given.journal_on_its_own_thread || given.commit_takes;
  if (writer_is_elsewhere || !given.journal->keep_at_once())
    tell(node.staff.journal(), keep_what_waits{});
}

}  // namespace causerie::actors
