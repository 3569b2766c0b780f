// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <caf/actor_system.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "actors/journal_desk.hpp"
#include "actors/roster.hpp"
#include "actors/vault.hpp"
#include "protocol/transport.hpp"

namespace causerie::actors {

/// Something worth telling people, from any actor: a type and its fields.
struct occurrence {
  std::string type;
  std::vector<std::pair<std::string, std::string>> fields;
};

/// What a node is built from: who it is and what it may use of the world. With a simulated
/// transport and an actor_system on virtual time the same actors run in the simulator.
struct node_environment {
  caf::actor_system* system = nullptr;
  protocol::transport* network = nullptr;
  protocol::incarnation self;
  std::string name;
  std::string cluster = "causerie";
  std::uint64_t seed = 1;
  protocol::link_config links;
  protocol::membership_config membership;
  protocol::channel_config channels;
  std::shared_ptr<journal_desk> journal;   ///< What outlives the process; may be empty.
  bool journal_on_its_own_thread = false;  ///< A slow disk then stops nobody else.
  /// How much longer the next commit takes, on virtual time; may be empty.
  std::function<protocol::duration()> commit_takes;
  std::function<protocol::wall_time()> wall;      ///< For people; may be empty.
  std::function<void(occurrence)> on_occurrence;  ///< Any thread; may be empty.
  std::function<void(std::string)> on_failure;    ///< The node cannot go on; may be empty.
};

/// What all actors of one node share. Owned by node_core and by every actor.
struct node_context {
  explicit node_context(node_environment given);

  node_environment environment;
  vault machines;
  roster staff;
  std::atomic<bool> stopping = false;
  std::atomic<bool> left_cluster = false;  ///< `Left` has been said often enough.
  std::atomic<bool> cluster_ready = false;

  /// How many messages waited when the actor last ended a handler. Only the actor itself may look
  /// into its mailbox: anybody else's look would take the wake-up of an actor that waits.
  [[nodiscard]] std::atomic<std::size_t>& mailbox(role who) noexcept {
    return mailboxes_[static_cast<std::size_t>(who)];
  }

  void occurred(std::string type, std::vector<std::pair<std::string, std::string>> fields) const {
    if (environment.on_occurrence) environment.on_occurrence({std::move(type), std::move(fields)});
  }
  [[nodiscard]] protocol::wall_time wall() const {
    return environment.wall ? environment.wall() : protocol::wall_time{};
  }

  /// The member list as membership last published it.
  [[nodiscard]] std::vector<protocol::member_view> members() const {
    std::lock_guard lock{mutex_};
    return members_;
  }
  void publish(std::vector<protocol::member_view> members) {
    std::lock_guard lock{mutex_};
    members_.swap(members);
  }
  void count_restart(const std::string& path) {
    std::lock_guard lock{mutex_};
    ++restarts_[path];
  }
  [[nodiscard]] std::uint64_t restarts(const std::string& path) const {
    std::lock_guard lock{mutex_};
    const auto found = restarts_.find(path);
    return found == restarts_.end() ? 0 : found->second;
  }

private:
  mutable std::mutex mutex_;
  std::array<std::atomic<std::size_t>, 7> mailboxes_{};  // By role, but for the orderers.
  std::vector<protocol::member_view> members_;
  std::map<std::string, std::uint64_t> restarts_;
};

using node_handle = std::shared_ptr<node_context>;

}  // namespace causerie::actors
