// SPDX-License-Identifier: BSL-1.0
#include "actors/membership.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <optional>
#include <set>

#include "actors/counters.hpp"
#include "actors/stepping.hpp"

namespace causerie::actors {
namespace {

using protocol::member_state;
using protocol::member_table;

/// How stale round trips and signs of life may be that people are shown.
constexpr auto publish_interval = std::chrono::seconds{1};

struct membership_state {
  static inline const char* name = "membership";
  node_handle node;
  vault_slot<member_table>::lease table;
  deadline_timer timer;
  std::optional<protocol::instant> published;
};
using pointer = membership_actor::stateful_pointer<membership_state>;

const char* text_of(member_state state) {
  switch (state) {
    case member_state::alive: return "alive";
    case member_state::suspect: return "suspect";
    case member_state::dead: return "dead";
    case member_state::left: return "left";
  }
  return "?";
}

const char* why_of(const std::vector<protocol::accusation>& accusations) {
  for (const auto& said : accusations)
    if (said.refused) return "refused";
  return "no answer";
}

struct sorted_outputs {
  node_context& node;
  send_packets packets;
  members_changed changed;
  probe_targets targets;
  std::set<protocol::group_id> directories;
  probe_hints hints;
  bool became_ready = false;

  void operator()(member_table::send_packet& x) {
    packets.packets.push_back({x.to, std::move(x.bytes)});
  }
  void operator()(member_table::member_changed& x) {
    std::vector<std::pair<std::string, std::string>> fields{
        {"node", x.member.who.node.text()},
        {"name", x.member.name},
        {"state", text_of(x.member.state)},
        {"was", x.previous ? text_of(*x.previous) : "unknown"}};
    if (!x.member.accusations.empty()) fields.emplace_back("why", why_of(x.member.accusations));
    node.occurred("member", std::move(fields));
    changed.members.push_back(std::move(x.member));
  }
  void operator()(member_table::probe_target& x) {
    targets.items.push_back({x.who, x.address, x.wanted, x.suspected});
  }
  void operator()(member_table::directory_changed& x) { directories.insert(x.group); }
  void operator()(member_table::ready&) { became_ready = true; }
  void operator()(member_table::join_unanswered&) {
    node.occurred("cluster", {{"what", "join unanswered"}});
  }
  void operator()(member_table::probe_now& x) { hints.accused.push_back(x.who); }
  void operator()(member_table::self_refuted&) { hints.self_refuted = true; }
  void operator()(member_table::conflict& x) {
    node.occurred("cluster", {{"what", "conflict"},
                              {"epoch", std::to_string(protocol::number(x.other.epoch))},
                              {"address", x.where.text()},
                              {"stops", x.this_stops ? "this node" : "the other"}});
  }
  void operator()(member_table::refused& x) {
    node.occurred("cluster", {{"what", "refused"}, {"why", x.reason}});
    node.failed(node_failure::cause::refused, "the cluster refused: " + x.reason);
  }
};

void tell_directory(pointer self, const protocol::group_id& group) {
  const auto orderer = self->state.node->staff.orderer(group);
  if (orderer)
    tell(orderer,
         group_directory{self->state.table->directory(group), self->state.table->is_ready()});
}

void tell_all_directories(pointer self) {
  for (const auto& room : self->state.node->machines.rooms()) tell_directory(self, room->port.id());
}

void flush(pointer self, protocol::instant at) {
  auto& [node, table, timer, published] = self->state;
  sorted_outputs out{.node = *node};
  while (auto output = table->poll()) std::visit(out, *output);
  const auto& staff = node->staff;
  if (!out.packets.packets.empty()) tell(staff.courier(), std::move(out.packets));
  if (!out.targets.items.empty()) tell(staff.detector(), std::move(out.targets));
  if (out.hints.self_refuted || !out.hints.accused.empty())
    tell(staff.detector(), std::move(out.hints));
  const bool changed = !out.changed.members.empty() || out.became_ready;
  if (changed || !published || at - *published >= publish_interval) {
    node->publish(table->members());
    published = at;
  }
  if (!out.changed.members.empty()) {
    tell(staff.channels(), out.changed);
    for (const auto& orderer : staff.orderers()) tell(orderer, out.changed);
    tell(staff.courier(), std::move(out.changed));
  }
  if (out.became_ready) {
    node->cluster_ready = true;
    node->occurred("cluster", {{"what", "ready"}});
    tell_all_directories(self);
  }
  for (const auto& group : out.directories) tell_directory(self, group);
  if (table->left_enough()) node->left_cluster = true;
  timer.arm(self, table->next_deadline(), at);
}

probe_targets all_targets(pointer self) {
  probe_targets targets;
  const auto me = self->state.node->self();
  for (const auto& member : self->state.table->members()) {
    if (member.who.node == me.node) continue;
    const bool there = member.state == member_state::alive || member.state == member_state::suspect;
    targets.items.push_back(
        {member.who, member.address, there, member.state == member_state::suspect});
  }
  return targets;
}

void resynchronise_role(pointer self, role asker) {
  const auto& staff = self->state.node->staff;
  const members_changed everything{self->state.table->members(), true};
  switch (asker) {
    case role::courier: return tell(staff.courier(), everything);
    case role::channels: return tell(staff.channels(), everything);
    case role::failure_detector: return tell(staff.detector(), all_targets(self));
    case role::orderer:
      for (const auto& orderer : staff.orderers()) tell(orderer, everything);
      return tell_all_directories(self);
    case role::guardian:
    case role::journal:
    case role::clerk:
    case role::membership: return;
  }
}

void receive(pointer self, const packets_received& message, protocol::instant at) {
  probes_received probes;
  for (const auto& [from, bytes] : message.packets) {
    auto probe = self->state.table->on_packet(from, bytes, at);
    if (probe && *probe) probes.probes.push_back(**probe);
  }
  if (!probes.probes.empty()) tell(self->state.node->staff.detector(), std::move(probes));
}

membership_actor::behavior_type membership(pointer self, node_handle node) {
  self->state.node = node;
  enlist<membership_actor>(self, node->staff);
  self->state.table = node->machines.members.take();
  const auto at_work = [self](auto work) {
    const auto at = now(self);
    step(
        self, self->state.node, self->state.node->post(role::membership),
        [&] { work(*self->state.table, at); }, [&] { flush(self, at); });
  };
  at_work([&](member_table& table, auto at) {
    if (node->machines.members.taken_before()) table.on_restarted(at);
  });
  for (const auto who : {role::courier, role::channels, role::failure_detector, role::orderer})
    resynchronise_role(self, who);
  return {
      [=](const packets_received& message) {
        at_work([&](member_table&, auto at) { receive(self, message, at); });
      },
      [=](const probes_to_send& message) {
        at_work([&](member_table& table, auto at) {
          send_packets packets;
          for (const auto& probe : message.probes)
            packets.packets.push_back({probe.address, table.pack(probe, at)});
          tell(self->state.node->staff.courier(), std::move(packets));
        });
      },
      [=](const evidence& message) {
        at_work([&](member_table& table, auto at) {
          for (const auto& item : message.items)
            item.alive ? table.on_alive(item.who, item.round_trip, at)
                       : table.on_probe_failed(item.who, item.refused, at);
          if (message.health) table.on_health(*message.health);
        });
      },
      [=](const resynchronise& message) { resynchronise_role(self, message.asker); },
      [=](const presence& message) {
        at_work([&](member_table& table, auto at) {
          table.announce(message.group, message.present, at);
        });
      },
      [=](const join_cluster& message) {
        at_work([&](member_table& table, auto at) { table.join(message.seeds, at); });
      },
      [=](const leave_cluster&) {
        at_work([&](member_table& table, auto at) { table.leave(at); });
      },
      [=](const deadline_reached& message) {
        if (!self->state.timer.fired(message)) return;
        at_work([&](member_table& table, auto at) { table.on_deadline(at); });
      },
      [=](const colleague_restarted&) {},
      [=](const report_counters&) { return counters_of(self->state.table->counters()); },
  };
}

}  // namespace

membership_actor spawn_membership(const node_handle& node) {
  return node->environment.system->spawn(membership, node);
}

}  // namespace causerie::actors
