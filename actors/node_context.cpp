// SPDX-License-Identifier: BSL-1.0
#include "actors/node_context.hpp"

#include "protocol/random.hpp"

namespace causerie::actors {
namespace {

vault make_vault(node_environment& given) {
  protocol::random_source seeds{given.seed};
  given.links.cluster = given.cluster;
  given.membership.cluster = given.cluster;
  const auto address = given.network->local_address();
  return {
      .links = vault_slot{protocol::link_set{given.self, given.links, seeds.next()}},
      .detector =
          vault_slot{protocol::failure_detector{given.self, given.membership, seeds.next()}},
      .members = vault_slot{protocol::member_table{given.self, given.name, address,
                                                   given.membership, seeds.next()}},
      .channels = vault_slot{protocol::channel_set{given.self, given.channels, seeds.next()}},
  };
}

}  // namespace

node_context::node_context(node_environment given)
    : environment{std::move(given)}, machines{make_vault(environment)} {}

const char* role_name(role which) noexcept {
  switch (which) {
    case role::guardian: return "guardian";
    case role::courier: return "courier";
    case role::failure_detector: return "failure_detector";
    case role::membership: return "membership";
    case role::channels: return "channels";
    case role::orderer: return "orderer";
    case role::journal: return "journal";
  }
  return "?";
}

}  // namespace causerie::actors
