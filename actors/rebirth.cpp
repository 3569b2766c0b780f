// SPDX-License-Identifier: BSL-1.0
#include "actors/rebirth.hpp"

#include <set>
#include <utility>

#include "protocol/random.hpp"

namespace causerie::actors {
namespace {

using protocol::failure;
using protocol::protocol_errc;

/// Whoever seemed to be there lately, and those whom this node was told of when it started.
std::vector<protocol::socket_address> seeds_of(const node_context& node) {
  std::vector<protocol::socket_address> seeds;
  for (const auto& member : node.members()) {
    const bool there = member.state == protocol::member_state::alive ||
                       member.state == protocol::member_state::suspect;
    if (there && member.who.node != node.self().node) seeds.push_back(member.address);
  }
  seeds.insert(seeds.end(), node.seeds.begin(), node.seeds.end());
  return seeds;
}

protocol::result<protocol::boot_epoch> next_epoch(node_context& node) {
  const auto& given = node.environment;
  const auto now = node.self().epoch;
  auto next =
      given.next_epoch ? given.next_epoch(now) : protocol::boot_epoch{protocol::number(now) + 1};
  if (next && given.journal) next = given.journal->begin_life(*next, node.wall());
  return next;
}

/// A durable group goes on where its journal ends.
std::error_code restore(node_context& node, group_room& room, protocol::causal_group& machine,
                        protocol::instant at) {
  auto image = node.environment.journal->load(room.port.id());
  if (!image) return image.error();
  room.gate->close();
  room.gate.emplace(node.environment.journal,
                    journal::group_owner{room.port.id(), room.port.config().name, node.self()},
                    *image ? (*image)->last : protocol::cursor{0});
  if (*image) machine.restore(std::move(**image), at);
  return {};
}

std::error_code rebuild(node_context& node, group_room& room, std::uint64_t seed,
                        protocol::instant at) {
  auto ticket = room.port.begin_again(node.self().epoch);
  auto config = room.port.config();
  const bool goes_on = !room.gate && ticket.read.last != 0;
  // What the application has read already must not come again: it starts where the others are.
  if (goes_on) config.history = protocol::history_policy::skip;
  protocol::causal_group machine{node.self(), config, seed};
  if (room.gate)
    if (const auto error = restore(node, room, machine, at)) return error;
  if (ticket.rejoin && goes_on) machine.follow(std::move(ticket.read), at);
  if (ticket.rejoin) machine.join(at);
  room.machine.replace(std::move(machine));
  return {};
}

/// The durable channels on which this node has heard something.
std::set<protocol::channel_key> receiving(const protocol::channels_image& kept) {
  std::set<protocol::channel_key> keys;
  for (const auto& channel : kept.channels)
    if (!channel.begun.sending) keys.insert(channel.begun.channel);
  return keys;
}

node_failure disk_failed(const std::string& what, const std::error_code& why) {
  return {node_failure::cause::disk, what + ": " + why.message()};
}

}  // namespace

std::optional<node_failure> begin_new_life(node_context& node, protocol::instant at) {
  const std::lock_guard life{node.life};
  const auto epoch = next_epoch(node);
  if (!epoch) return disk_failed("no new boot epoch", epoch.error());
  const auto seeds = seeds_of(node);
  node.begin_epoch(*epoch);
  node.cluster_ready = false;
  auto made = make_machines(node.environment, node.self());
  protocol::channels_image kept;
  if (const auto& desk = node.environment.journal) {
    auto image = desk->load_channels();
    if (!image) return disk_failed("the durable channels", image.error());
    kept = std::move(*image);
  }
  const auto go_on = receiving(kept);
  if (auto& gate = node.machines.channels_gate) {
    for (const auto& turn : gate->take_kept()) {
      for (const auto& tell_sender : turn.kept) tell_sender();
      for (const auto& [message, what] : turn.outcomes)
        node.machines.private_port.resolve(message, what);
    }
    gate.emplace(node.environment.journal);
    made.channels.restore(std::move(kept), at);
  }
  made.members.join(seeds, at);
  auto& machines = node.machines;
  machines.links.replace(std::move(made.links));
  machines.detector.replace(std::move(made.detector));
  machines.members.replace(std::move(made.members));
  machines.channels.replace(std::move(made.channels));
  machines.private_port.begin_again(go_on);
  protocol::random_source chance{node.environment.seed + protocol::number(*epoch)};
  for (const auto& room : machines.rooms())
    if (const auto error = rebuild(node, *room, chance.next(), at))
      return disk_failed("group " + room->port.config().name, error);
  return std::nullopt;
}

}  // namespace causerie::actors
