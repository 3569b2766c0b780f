// SPDX-License-Identifier: BSL-1.0
#include "actors/guardian.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <map>

#include "actors/application_desk.hpp"
#include "actors/channels.hpp"
#include "actors/clerk.hpp"
#include "actors/courier.hpp"
#include "actors/failure_detector.hpp"
#include "actors/journal_writer.hpp"
#include "actors/membership.hpp"
#include "actors/orderer.hpp"
#include "actors/rebirth.hpp"
#include "actors/stepping.hpp"

namespace causerie::actors {
namespace {

struct child {
  role who{};
  std::shared_ptr<group_room> room;                  // Orderers only.
  std::shared_ptr<application_desk> desk = nullptr;  // Clerks only.
  [[nodiscard]] std::string path() const {
    if (desk) return desk->post.path;
    return path_of(who, room ? room->port.config().name : std::string{});
  }
};

struct guardian_state {
  static inline const char* name = "guardian";
  node_handle node;
  std::map<caf::actor_addr, child> children;
  std::map<std::string, crash_limit> crashes;
  bool clearing = false;  // A machine broke: every child is to end.
};
using pointer = guardian_actor::stateful_pointer<guardian_state>;

template <class Handle>
void watch(pointer self, const Handle& handle, child who) {
  self->monitor(handle);
  self->state.children.emplace(handle.address(), std::move(who));
}

template <class Handle>
void install(pointer self, Handle handle, child who) {
  auto& staff = self->state.node->staff;
  if constexpr (std::is_same_v<Handle, orderer_actor>)
    staff.set(who.room->port.id(), handle);
  else if constexpr (std::is_same_v<Handle, clerk_actor>)
    staff.set(who.desk->name(), handle);
  else
    staff.set(handle);
  watch(self, handle, std::move(who));
}

void spawn_child(pointer self, const child& who) {
  const auto& node = self->state.node;
  switch (who.who) {
    case role::courier: return install(self, spawn_courier(node), who);
    case role::failure_detector: return install(self, spawn_failure_detector(node), who);
    case role::membership: return install(self, spawn_membership(node), who);
    case role::channels: return install(self, spawn_channels(node), who);
    case role::orderer: return install(self, spawn_orderer(node, who.room), who);
    case role::journal: return install(self, spawn_journal_writer(node), who);
    case role::clerk: return install(self, spawn_clerk(node, who.desk), who);
    case role::guardian: return;
  }
}

void tell_colleagues(const roster& staff, role restarted) {
  const colleague_restarted news{restarted};
  tell(staff.courier(), news);
  tell(staff.detector(), news);
  tell(staff.membership(), news);
  tell(staff.channels(), news);
  tell(staff.journal(), news);
  for (const auto& orderer : staff.orderers()) tell(orderer, news);
}

void give_up(pointer self, const std::string& path) {
  self->state.node->failed(node_failure::cause::broken, path + crashed_too_often);
}

void spawn_all(pointer self) {
  const auto& node = *self->state.node;
  for (const auto who : {role::courier, role::channels, role::membership, role::failure_detector})
    spawn_child(self, {who, nullptr});
  if (node.environment.journal) spawn_child(self, {role::journal, nullptr});
  for (const auto& room : node.machines.rooms()) spawn_child(self, {role::orderer, room});
  for (const auto& desk : node.machines.applications())
    spawn_child(self, {role::clerk, nullptr, desk});
}

/// Everybody has ended: the node begins another life.
void renew(pointer self) {
  auto& node = *self->state.node;
  const auto at = now(self);
  if (node.breakdowns.too_often(at)) return give_up(self, node.broken());
  if (auto failure = begin_new_life(node, at)) return node.failed(failure->what, failure->why);
  self->state.clearing = false;
  const auto path = node.cure();
  node.count_restart(path);
  node.occurred("node", {{"what", "rebuilt"},
                         {"after", path},
                         {"epoch", std::to_string(protocol::number(node.self().epoch))}});
  spawn_all(self);
}

/// A machine broke. Others may have heard its last words, so none goes on: all end, then all begin.
void clear(pointer self) {
  auto& state = self->state;
  if (!std::exchange(state.clearing, true))
    for (const auto& [address, _] : state.children)
      if (const auto whom = caf::actor_cast<caf::actor>(address))
        caf::anon_send<caf::message_priority::high>(
            whom, caf::exit_msg{whom.address(), caf::exit_reason::kill});
  if (state.children.empty()) renew(self);
}

void on_down(pointer self, const caf::down_msg& down) {
  const auto found = self->state.children.find(down.source);
  if (found == self->state.children.end()) return;
  const auto who = found->second;
  self->state.children.erase(found);
  const auto& node = self->state.node;
  if (node->stopping) return;
  if (node->poisoned()) return clear(self);
  const auto path = who.path();
  const bool asked_for = down.reason == caf::exit_reason::kill;
  if (!asked_for && self->state.crashes[path].too_often(now(self))) return give_up(self, path);
  node->count_restart(path);
  spawn_child(self, who);
  tell_colleagues(node->staff, who.who);
  node->occurred("actor", {{"path", path}, {"what", "restarted"}});
}

template <class Handle>
void adopt_or_spawn(pointer self, const Handle& present, child who) {
  if (present) return watch(self, present, std::move(who));
  if (!self->state.node->poisoned()) spawn_child(self, who);
}

void adopt_all(pointer self) {
  const auto& node = *self->state.node;
  const auto& staff = node.staff;
  adopt_or_spawn(self, staff.courier(), {role::courier, nullptr});
  adopt_or_spawn(self, staff.channels(), {role::channels, nullptr});
  adopt_or_spawn(self, staff.membership(), {role::membership, nullptr});
  adopt_or_spawn(self, staff.detector(), {role::failure_detector, nullptr});
  if (node.environment.journal) adopt_or_spawn(self, staff.journal(), {role::journal, nullptr});
  for (const auto& room : node.machines.rooms())
    adopt_or_spawn(self, staff.orderer(room->port.id()), {role::orderer, room});
  for (const auto& desk : node.machines.applications())
    adopt_or_spawn(self, staff.clerk(desk->name()), {role::clerk, nullptr, desk});
  if (node.poisoned()) clear(self);
}

guardian_actor::behavior_type guardian(pointer self, node_handle node) {
  self->state.node = node;
  enlist<guardian_actor>(self, node->staff);
  self->set_down_handler([self](caf::down_msg& down) { on_down(self, down); });
  adopt_all(self);
  return {
      [=](const open_group& message) {
        const auto room = self->state.node->machines.find(message.name);
        if (!room || self->state.node->staff.orderer(room->port.id())) return;
        if (self->state.node->poisoned()) return;  // It comes with all the others.
        spawn_child(self, {role::orderer, room});
      },
      [=](const open_application& message) {
        auto& mine = *self->state.node;
        const auto desk = mine.machines.application(message.name);
        if (!desk || mine.staff.clerk(message.name) || mine.poisoned()) return;
        spawn_child(self, {role::clerk, nullptr, desk});
      },
      [=](const shut_down&) {
        self->state.node->stopping = true;
        for (const auto& [address, _] : self->state.children)
          if (auto handle = caf::actor_cast<caf::actor>(address))
            self->send_exit(handle, caf::exit_reason::user_shutdown);
        self->quit(caf::exit_reason::user_shutdown);
      },
  };
}

}  // namespace

std::string path_of(role who, const std::string& group) {
  return who == role::orderer ? "groups/" + group : std::string{role_name(who)};
}

guardian_actor spawn_guardian(const node_handle& node) {
  auto handle = node->environment.system->spawn(guardian, node);
  node->staff.set(handle);
  return handle;
}

}  // namespace causerie::actors
