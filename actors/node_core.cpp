// SPDX-License-Identifier: BSL-1.0
#include "actors/node_core.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/send.hpp>

#include "actors/guardian.hpp"
#include "protocol/membership/swim_datagram.hpp"
#include "protocol/random.hpp"

namespace causerie::actors {

using protocol::failure;
using protocol::protocol_errc;

namespace {

/// Nobody supervises the guardian but this: when it dies, a new one adopts what it finds.
void keep_guardian(const node_handle& node) {
  auto handle = spawn_guardian(node);
  std::weak_ptr<node_context> weak = node;
  caf::actor_cast<caf::abstract_actor*>(handle)->attach_functor([weak](const caf::error& reason) {
    const auto alive = weak.lock();
    if (!alive || alive->stopping) return;
    const protocol::instant at{std::chrono::duration_cast<protocol::duration>(
        alive->environment.system->clock().now().time_since_epoch())};
    if (reason != caf::exit_reason::kill && alive->guardian_crashes.too_often(at))
      return alive->failed(node_failure::cause::broken,
                           path_of(role::guardian) + crashed_too_often);
    alive->count_restart(path_of(role::guardian));
    keep_guardian(alive);
    alive->occurred("actor", {{"path", path_of(role::guardian)}, {"what", "restarted"}});
  });
}

template <class Handle>
void end(const Handle& handle) {
  if (handle) caf::anon_send_exit(handle, caf::exit_reason::kill);
}

template <class Handle>
node_core::actor_status status_of(const node_context& node, const Handle& handle, role who,
                                  const actor_post& post) {
  node_core::actor_status status{.path = post.path, .kind = role_name(who)};
  status.restarts = node.restarts(status.path);
  status.stuck_for = protocol::duration{post.stuck_ns.load()};
  status.stuck_times = post.stuck_times;
  if (!handle) return status;
  auto* actor = caf::actor_cast<caf::abstract_actor*>(handle);
  auto* scheduled = dynamic_cast<caf::scheduled_actor*>(actor);
  status.alive = scheduled != nullptr && !scheduled->getf(caf::abstract_actor::is_terminated_flag);
  if (status.alive) status.mailbox = post.mailbox;
  return status;
}

}  // namespace

node_core::node_core(node_environment environment)
    : context_{std::make_shared<node_context>(std::move(environment))},
      next_seed_{protocol::random_source{context_->environment.seed ^ 0x67726f7570ULL}.next()} {
  const std::weak_ptr<node_context> weak = context_;
  context_->machines.private_port.wake_actor = [weak] {
    if (const auto node = weak.lock()) tell(node->staff.channels(), application_called{});
  };
}

node_core::~node_core() { stop(); }

void node_core::start(std::span<const protocol::socket_address> seeds, protocol::instant at) {
  if (const auto& desk = context_->environment.journal) {
    auto image = desk->load_channels();
    if (!image) throw std::system_error{image.error(), "cannot go on with the durable channels"};
    context_->machines.channels.unleased().restore(std::move(*image), at);
    context_->machines.channels_gate.emplace(desk);
  }
  context_->seeds.assign(seeds.begin(), seeds.end());
  // Nobody has leased the table yet, so joining cannot be lost with a mailbox.
  context_->machines.members.unleased().join(seeds, at);
  keep_guardian(context_);
  const std::weak_ptr<node_context> weak = context_;
  context_->environment.network->open(
      {.on_datagrams =
           [weak](protocol::datagram_batch batch) {
             if (const auto node = weak.lock())
               tell(node->staff.courier(), datagrams_received{std::move(batch)});
           },
       .on_refused =
           [weak](protocol::socket_address where) {
             if (const auto node = weak.lock())
               tell(node->staff.detector(), addresses_refused{{where}});
           }});
}

protocol::result<std::shared_ptr<group_room>> node_core::open_group(protocol::group_config config,
                                                                    protocol::instant at) {
  if (config.name.empty() || config.name.size() > protocol::group_name_bytes_max ||
      !protocol::swim::is_utf8(config.name))
    return failure(protocol_errc::bad_name);
  if (config.durable && !context_->environment.journal) return failure(protocol_errc::refused);
  config.cluster = context_->environment.cluster;
  const std::lock_guard life{context_->life};
  const auto self = context_->self();
  next_seed_ = next_seed_ * 6364136223846793005ULL + 1442695040888963407ULL;
  auto room = std::make_shared<group_room>(self, config, next_seed_);
  const std::weak_ptr<node_context> weak = context_;
  room->port.wake_orderer = [weak, id = room->port.id()] {
    if (const auto node = weak.lock()) tell(node->staff.orderer(id), application_called{});
  };
  if (config.durable) {
    auto image = context_->environment.journal->load(room->port.id());
    if (!image) return tl::unexpected{image.error()};
    room->gate.emplace(context_->environment.journal,
                       journal::group_owner{room->port.id(), config.name, self},
                       *image ? (*image)->last : protocol::cursor{0});
    if (*image) {
      room->port.begin_behind((*image)->committed);
      room->machine.unleased().restore(std::move(**image), at);
    }
  }
  room->machine.unleased().join(at);
  if (!context_->machines.add(room)) return failure(protocol_errc::entered_before);
  // A guardian that dies with this in its mailbox leaves the room to its successor's adoption.
  tell(context_->staff.guardian(), actors::open_group{room->port.config().name});
  return room;
}

protocol::result<std::shared_ptr<application_desk>> node_core::open_application(
    std::string name, std::shared_ptr<group_room> room, application_desk::work handler,
    application_desk::options chosen, std::deque<protocol::group_event> taken_already) {
  const auto journal = room->gate ? context_->environment.journal : nullptr;
  auto desk = std::make_shared<application_desk>(std::move(name), std::move(room), journal,
                                                 std::move(handler), chosen);
  desk->put_first(std::move(taken_already));
  if (!context_->machines.add(desk->name(), desk)) return failure(protocol_errc::duplicate);
  const std::weak_ptr<node_context> weak = context_;
  desk->room()->port.on_events([weak, called = desk->name()] {
    if (const auto node = weak.lock()) tell(node->staff.clerk(called), work_waits{});
  });
  // As with a group: a guardian that dies with this leaves it to its successor.
  tell(context_->staff.guardian(), actors::open_application{desk->name()});
  return desk;
}

void node_core::leave_cluster() { tell(context_->staff.membership(), actors::leave_cluster{}); }

std::vector<node_core::actor_status> node_core::actors() const {
  auto& node = *context_;
  const auto& staff = node.staff;
  std::vector<actor_status> all;
  const auto add = [&](const auto& handle, role who) {
    all.push_back(status_of(node, handle, who, node.post(who)));
  };
  add(staff.guardian(), role::guardian);
  add(staff.courier(), role::courier);
  add(staff.detector(), role::failure_detector);
  add(staff.membership(), role::membership);
  add(staff.channels(), role::channels);
  if (node.environment.journal) add(staff.journal(), role::journal);
  for (const auto& room : node.machines.rooms())
    all.push_back(status_of(node, staff.orderer(room->port.id()), role::orderer, room->post));
  for (const auto& desk : node.machines.applications())
    all.push_back(status_of(node, staff.clerk(desk->name()), role::clerk, desk->post));
  return all;
}

bool node_core::sabotage(const std::string& path) {
  for (const auto who :
       {role::courier, role::failure_detector, role::membership, role::channels, role::journal})
    if (path == path_of(who)) return context_->post(who).sabotaged = true;
  for (const auto& room : context_->machines.rooms())
    if (path == room->post.path) return room->post.sabotaged = true;
  return false;
}

bool node_core::kill(const std::string& path) {
  const auto& staff = context_->staff;
  const auto strike = [](const auto& handle) {
    if (!handle) return false;
    const auto whom = caf::actor_cast<caf::actor>(handle);
    caf::anon_send<caf::message_priority::high>(
        whom, caf::exit_msg{whom.address(), caf::exit_reason::kill});
    return true;
  };
  if (path == path_of(role::guardian)) return strike(staff.guardian());
  if (path == path_of(role::courier)) return strike(staff.courier());
  if (path == path_of(role::failure_detector)) return strike(staff.detector());
  if (path == path_of(role::membership)) return strike(staff.membership());
  if (path == path_of(role::channels)) return strike(staff.channels());
  if (path == path_of(role::journal)) return strike(staff.journal());
  for (const auto& room : context_->machines.rooms())
    if (path == path_of(role::orderer, room->port.config().name))
      return strike(staff.orderer(room->port.id()));
  for (const auto& desk : context_->machines.applications())
    if (path == desk->post.path) return strike(staff.clerk(desk->name()));
  return false;
}

void node_core::stop() {
  if (context_->stopping.exchange(true)) return;
  context_->environment.network->close();
  const auto& staff = context_->staff;
  end(staff.guardian());
  end(staff.courier());
  end(staff.detector());
  end(staff.membership());
  end(staff.channels());
  end(staff.journal());
  for (const auto& orderer : staff.orderers()) end(orderer);
  for (const auto& clerk : staff.clerks()) end(clerk);
  context_->staff.clear();
  const auto closed = make_error_code(protocol::protocol_errc::closed);
  context_->machines.private_port.fail(closed);
  for (const auto& room : context_->machines.rooms()) {
    room->port.fail(closed);
    if (room->gate) room->gate->close();
  }
  if (auto& gate = context_->machines.channels_gate) gate->close();
}

}  // namespace causerie::actors
