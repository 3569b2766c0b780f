// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/l2_node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "actors/guardian.hpp"
#include "apps/simulation/l1_journal.hpp"
#include "protocol/assert.hpp"

namespace causerie::simulation {
namespace {

using protocol::instant;

constexpr auto patience_for_room = std::chrono::seconds{10};
constexpr std::size_t turns_at_once_max = 200'000;
constexpr const char* channel_names[] = {"main", "aside", durable_channel};

actors::role role_of(actor_kind who) {
  switch (who) {
    case actor_kind::courier: return actors::role::courier;
    case actor_kind::failure_detector: return actors::role::failure_detector;
    case actor_kind::membership: return actors::role::membership;
    case actor_kind::channels: return actors::role::channels;
    case actor_kind::orderer: return actors::role::orderer;
  }
  return actors::role::guardian;
}

/// A run without threads: nothing of CAF's own but the scheduler of the simulator.
std::unique_ptr<caf::actor_system_config> quiet_config() {
  auto config = std::make_unique<caf::actor_system_config>();
  actors::use_sim_scheduler(*config);
  return config;
}

}  // namespace

l2_node::l2_node(node_environment environment)
    : random_{environment.seed},
      config_{quiet_config()},
      system_{std::make_unique<caf::actor_system>(*config_)},
      turns_{&actors::sim_coordinator::of(*system_)} {
  actors::node_environment given;
  given.system = system_.get();
  given.network = environment.network;
  given.self = environment.self;
  given.name = environment.name;
  given.seed = random_.next();
  given.links = environment.links;
  given.membership = environment.membership;
  given.channels = environment.channels;
  given.wall = [this, error_ms = environment.wall_error_ms] {
    const std::chrono::milliseconds error{error_ms == nullptr ? 0 : *error_ms};
    return protocol::wall_time{
        std::chrono::duration_cast<std::chrono::milliseconds>(turns_->now().time_since_epoch()) +
        error};
  };
  if (environment.on_news)
    given.on_occurrence = [tell = std::move(environment.on_news)](actors::occurrence what) {
      tell(std::move(what.type), std::move(what.fields));
    };
  keeps_ = environment.disk != nullptr;
  if (keeps_)
    given.journal = std::make_shared<actors::journal_desk>(
        open_journal(*environment.disk, environment.disk_synced, environment.self, random_));
  if (environment.disk_slow_ns != nullptr)
    given.commit_takes = [slow_ns = environment.disk_slow_ns] {
      return protocol::duration{*slow_ns};
    };
  else if (keeps_ && random_.chance(0.5))  // Then a writer commits, as where commits are fsynced.
    given.commit_takes = [] { return protocol::duration{}; };
  given.on_failure = [this](actors::node_failure failure) { failure_ = std::move(failure.why); };
  core_ = std::make_unique<actors::node_core>(std::move(given));
}

/// Actors that end may still say something: their system goes last, and takes their turns.
l2_node::~l2_node() {
  core_->stop();
  turns_->run_all(turns_at_once_max);
  room_.reset();
  core_.reset();
  system_.reset();
}

void l2_node::start(std::span<const protocol::socket_address> seeds, instant at) {
  turns_->advance_to(at);
  for (const auto* name : channel_names) core_->private_port().subscribe(name, [] {});
  core_->start(seeds, at);
  work(at);
}

void l2_node::run(instant at) { work(at); }

void l2_node::work(instant at) {
  turns_->advance_to(at);
  std::size_t turns = 0;
  while (turns_->waiting() != 0) {
    if (!doomed_.empty() && turns_left_-- == 0) strike();
    const auto waiting = turns_->waiting();
    turns_->run(waiting == 1 ? 0 : random_.below(waiting));
    if (++turns == turns_at_once_max)
      throw protocol::broken_invariant{"the actors of a node never come to rest"};
  }
  if (core_->rebuilds() > expected_breaks_)
    failure_ = "a machine broke: " + core_->last_breakdown();
  if (!failure_.empty() && !disk_failed()) throw protocol::broken_invariant{failure_};
}

std::optional<instant> l2_node::next_deadline() const { return turns_->next_deadline(); }

bool l2_node::kill_actor(actor_kind which, instant at) {
  if (!doomed_.empty()) strike();  // Nothing has happened since: it dies idle.
  work(at);
  // Now and then the supervisor itself.
  const bool supervisor = random_.chance(1.0 / 6);
  return doom(supervisor ? guardian : which);
}

bool l2_node::kill_exactly(actor_kind which, instant at) {
  if (!doomed_.empty()) strike();
  work(at);
  return doom(which);
}

bool l2_node::doom(actor_kind which) {
  const auto who = role_of(which);
  if (who == actors::role::orderer && !room_) return false;
  doomed_as_ = static_cast<std::size_t>(which);
  doomed_ = actors::path_of(who, room_ ? room_->port.config().name : std::string{});
  turns_left_ = random_.below(12);
  return true;
}

bool l2_node::break_machine(actor_kind which, instant at) {
  if (which == actor_kind::orderer && !room_) return false;
  turns_->advance_to(at);
  expected_breaks_ = core_->rebuilds() + 1;
  return core_->sabotage(
      actors::path_of(role_of(which), room_ ? room_->port.config().name : std::string{}));
}

void l2_node::strike() {
  if (core_->kill(std::exchange(doomed_, {}))) ++killed_[doomed_as_];
}

void l2_node::restart_application(instant) {
  events_.insert(events_.begin(), std::make_move_iterator(uncommitted_.begin()),
                 std::make_move_iterator(uncommitted_.end()));
  private_.insert(private_.begin(), std::make_move_iterator(private_uncommitted_.begin()),
                  std::make_move_iterator(private_uncommitted_.end()));
  uncommitted_.clear();
  private_uncommitted_.clear();
}

void l2_node::open_group(protocol::group_config config, instant at) {
  turns_->advance_to(at);
  auto opened = core_->open_group(std::move(config), at);
  if (!opened) throw protocol::broken_invariant{"no group: " + opened.error().message()};
  room_ = std::move(*opened);
  work(at);
}

void l2_node::leave_group(instant at) {
  turns_->advance_to(at);
  if (room_) room_->port.leave();
  work(at);
}

void l2_node::broadcast(std::uint64_t ticket, protocol::shared_bytes payload, instant at) {
  turns_->advance_to(at);
  room_->port.send({.payload = std::move(payload),
                    .within = patience_for_room,
                    .done =
                        [this, ticket](protocol::result<protocol::message_id> sent) {
                          answers_.push_back(broadcast_answer{ticket, std::move(sent)});
                        },
                    .deadline = {}});
  work(at);
}

std::vector<protocol::group_event> l2_node::take_events(std::size_t events_max) {
  if (!room_) return {};
  for (auto& event : room_->port.take()) events_.push_back(std::move(event));
  const auto count = std::min(events_max, events_.size());
  const auto end = events_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<protocol::group_event> taken{events_.begin(), end};
  std::move(events_.begin(), end, std::back_inserter(uncommitted_));
  events_.erase(events_.begin(), end);
  return taken;
}

void l2_node::commit_events(protocol::cursor up_to, instant at) {
  turns_->advance_to(at);
  while (!uncommitted_.empty() && uncommitted_.front().position <= up_to) uncommitted_.pop_front();
  room_->port.commit(up_to);
  work(at);
}

void l2_node::whisper(std::uint64_t ticket, const protocol::channel_key& to,
                      protocol::shared_bytes payload, protocol::duration within, instant at) {
  turns_->advance_to(at);
  actors::channel_port::send_command command{.to = to,
                                             .payload = std::move(payload),
                                             .within = within,
                                             .done = {},
                                             .deadline = {},
                                             .kept = {}};
  command.done = [this, ticket](actors::channel_port::outcome what) {
    answers_.push_back(what ? whisper_answer{ticket, {}, *what}
                            : whisper_answer{ticket, what.error(), {}});
  };
  if (keeps_channels() && to.name == durable_channel)
    command.kept = [this, ticket] { answers_.push_back(whisper_kept{ticket}); };
  core_->private_port().send(std::move(command));
  work(at);
}

std::vector<private_message> l2_node::take_private() {
  for (const auto* name : channel_names)
    for (auto& message : core_->private_port().take(name))
      private_.push_back({std::move(message.from), std::move(message.what)});
  std::vector<private_message> taken{private_.begin(), private_.end()};
  std::move(private_.begin(), private_.end(), std::back_inserter(private_uncommitted_));
  private_.clear();
  return taken;
}

void l2_node::commit_private(const protocol::channel_key& from, std::uint64_t up_to, instant at) {
  turns_->advance_to(at);
  std::erase_if(private_uncommitted_, [&](const private_message& message) {
    return message.from == from && message.what.position <= up_to;
  });
  core_->private_port().commit(from, up_to);
  work(at);
}

std::vector<answer> l2_node::take_answers() { return std::exchange(answers_, {}); }

void l2_node::leave_cluster(instant at) {
  turns_->advance_to(at);
  core_->leave_cluster();
  work(at);
}

bool l2_node::has_left() const { return core_->has_left(); }
bool l2_node::disk_failed() const {
  const auto& journal = core_->context()->environment.journal;
  return journal && journal::is_final(journal->trouble());
}

std::optional<protocol::message_explanation> l2_node::explain(
    const protocol::message_id& id) const {
  if (!room_) return std::nullopt;
  return room_->machine.unleased().explain(id);
}

bool l2_node::active() const { return room_ && room_->machine.unleased().active(); }

std::vector<protocol::member_view> l2_node::members() const {
  return core_->context()->machines.members.unleased().members();
}

void l2_node::audit() const {
  auto& machines = core_->context()->machines;
  machines.members.unleased().audit();
  machines.channels.unleased().audit();
  if (room_) room_->machine.unleased().audit();
}

node_counters l2_node::counters() const {
  auto& machines = core_->context()->machines;
  return {machines.links.unleased().counters(),
          machines.members.unleased().counters(),
          room_ ? room_->machine.unleased().counters() : protocol::group_counters{},
          machines.channels.unleased().counters(),
          {}};
}

}  // namespace causerie::simulation
