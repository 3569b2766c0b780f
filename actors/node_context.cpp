// SPDX-License-Identifier: BSL-1.0
#include "actors/node_context.hpp"

#include "actors/application_desk.hpp"
#include "protocol/random.hpp"

namespace causerie::actors {
namespace {

std::array<actor_post, 7> make_posts() {
  const auto post = [](role who) { return actor_post{role_name(who)}; };
  return {post(role::guardian),   post(role::courier),  post(role::failure_detector),
          post(role::membership), post(role::channels), post(role::orderer),
          post(role::journal)};
}

vault make_vault(node_machines made) {
  return {
      .links = vault_slot{std::move(made.links)},
      .detector = vault_slot{std::move(made.detector)},
      .members = vault_slot{std::move(made.members)},
      .channels = vault_slot{std::move(made.channels)},
  };
}

}  // namespace

node_machines make_machines(const node_environment& given, const protocol::incarnation& self) {
  protocol::random_source seeds{given.seed};
  if (self.epoch != given.self.epoch)  // A later life draws other chances.
    seeds = protocol::random_source{given.seed ^ protocol::number(self.epoch)};
  const auto address = given.network->local_address();
  auto links = given.links;
  auto membership = given.membership;
  links.cluster = membership.cluster = given.cluster;
  protocol::link_set link{self, links, seeds.next()};
  protocol::failure_detector detector{self, membership, seeds.next()};
  protocol::member_table members{self, given.name, address, membership, seeds.next()};
  protocol::channel_set channels{self, given.channels, seeds.next()};
  return {std::move(link), std::move(detector), std::move(members), std::move(channels)};
}

node_context::node_context(node_environment given)
    : environment{std::move(given)},
      machines{make_vault(make_machines(environment, environment.self))},
      posts_{make_posts()},
      epoch_{protocol::number(environment.self.epoch)} {}

std::vector<std::shared_ptr<actor_post>> node_context::posts() {
  std::vector<std::shared_ptr<actor_post>> all;
  for (auto& post : posts_) all.emplace_back(std::shared_ptr<void>{}, &post);
  for (const auto& room : machines.rooms()) all.emplace_back(room, &room->post);
  for (const auto& desk : machines.applications()) all.emplace_back(desk, &desk->post);
  return all;
}

void node_context::poison(const actor_post& where, const char* why) {
  {
    std::lock_guard lock{mutex_};
    if (!poisoned_) broke_first_ = where.path;
    last_breakdown_ = where.path + ": " + why;
    poisoned_ = true;
  }
  occurred("actor", {{"path", where.path}, {"what", "poisoned"}, {"why", why}});
}

std::string node_context::broken() const {
  std::lock_guard lock{mutex_};
  return broke_first_;
}

std::string node_context::last_breakdown() const {
  std::lock_guard lock{mutex_};
  return last_breakdown_;
}

std::string node_context::cure() {
  std::lock_guard lock{mutex_};
  ++rebuilds_;
  poisoned_ = false;
  return std::exchange(broke_first_, {});
}

const char* role_name(role which) noexcept {
  switch (which) {
    case role::guardian: return "guardian";
    case role::courier: return "courier";
    case role::failure_detector: return "failure_detector";
    case role::membership: return "membership";
    case role::channels: return "channels";
    case role::orderer: return "orderer";
    case role::journal: return "journal";
    case role::clerk: return "clerk";
  }
  return "?";
}

}  // namespace causerie::actors
