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

#include "actors/crash_limit.hpp"
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

inline constexpr const char* crashed_too_often = " crashed 5 times within 10 s";

/// Why a node cannot go on.
struct node_failure {
  enum class cause : std::uint8_t {
    broken,   ///< Its machines break again and again: a bug of ours.
    disk,     ///< What it promised to keep it cannot.
    refused,  ///< The cluster does not take it.
  };
  cause what{};
  std::string why;
};

/// What a node is built from: who it is and what it may use of the world. With a simulated
/// transport and an actor_system on virtual time the same actors run in the simulator.
struct node_environment {
  caf::actor_system* system = nullptr;
  protocol::transport* network = nullptr;
  protocol::incarnation self;  ///< In its first life; see node_context::self.
  std::string name;
  std::string cluster = "causerie";
  std::uint64_t seed = 1;
  protocol::link_config links;
  protocol::membership_config membership;
  protocol::channel_config channels;
  /// Keeps an epoch above the given one for another life in this process. Empty: the next number.
  std::function<protocol::result<protocol::boot_epoch>(protocol::boot_epoch above)> next_epoch;
  std::shared_ptr<journal_desk> journal;   ///< What outlives the process; may be empty.
  bool journal_on_its_own_thread = false;  ///< A slow disk then stops nobody else.
  /// How much longer the next commit takes, on virtual time; may be empty.
  std::function<protocol::duration()> commit_takes;
  std::function<protocol::wall_time()> wall;      ///< For people; may be empty.
  std::function<void(occurrence)> on_occurrence;  ///< Any thread; may be empty.
  std::function<void(node_failure)> on_failure;   ///< The node cannot go on; may be empty.
};

/// The machines of a node but for those of its groups.
struct node_machines {
  protocol::link_set links;
  protocol::failure_detector detector;
  protocol::member_table members;
  protocol::channel_set channels;
};
/// New ones for the life that `self` names.
[[nodiscard]] node_machines make_machines(const node_environment& given,
                                          const protocol::incarnation& self);

/// What all actors of one node share. Owned by node_core and by every actor.
struct node_context {
  explicit node_context(node_environment given);

  node_environment environment;
  vault machines;
  roster staff;
  std::atomic<bool> stopping = false;
  std::atomic<bool> left_cluster = false;  ///< `Left` has been said often enough.
  std::atomic<bool> cluster_ready = false;
  std::vector<protocol::socket_address> seeds;  ///< As they were given; set before the actors.

  /// Who the node is now. Changes while no actor runs; hold `life` to build something on it.
  [[nodiscard]] protocol::incarnation self() const noexcept {
    return {environment.self.node, protocol::boot_epoch{epoch_.load()}};
  }
  void begin_epoch(protocol::boot_epoch epoch) noexcept { epoch_ = protocol::number(epoch); }
  std::mutex life;  ///< Held while machines are made.

  /// A machine broke, or threw: none may go on, and the guardian gives the node a new life.
  void poison(const actor_post& where, const char* why);
  [[nodiscard]] bool poisoned() const noexcept { return poisoned_; }
  /// The path of the actor that broke first.
  [[nodiscard]] std::string broken() const;
  /// Which machine broke last, and why.
  [[nodiscard]] std::string last_breakdown() const;
  /// The machines are new. The path of the actor that broke first.
  std::string cure();
  crash_limit breakdowns;        ///< The guardian's; it may die itself.
  crash_limit guardian_crashes;  ///< One after the other.
  [[nodiscard]] std::uint64_t rebuilds() const noexcept { return rebuilds_; }

  /// Of the one actor that plays a role; an orderer's is in its room.
  [[nodiscard]] actor_post& post(role who) noexcept {
    return posts_[static_cast<std::size_t>(who)];
  }

  /// Of everybody who is there now. Each lives as long as this context, or as its group's room.
  [[nodiscard]] std::vector<std::shared_ptr<actor_post>> posts();

  void occurred(std::string type, std::vector<std::pair<std::string, std::string>> fields) const {
    if (environment.on_occurrence) environment.on_occurrence({std::move(type), std::move(fields)});
  }
  void failed(node_failure::cause what, std::string why) const {
    if (environment.on_failure) environment.on_failure({what, std::move(why)});
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
  std::array<actor_post, 7> posts_;  // By role; clerks have theirs at their desks.
  std::atomic<std::uint64_t> epoch_, rebuilds_ = 0;
  std::atomic<bool> poisoned_ = false;
  std::string broke_first_, last_breakdown_;
  std::vector<protocol::member_view> members_;
  std::map<std::string, std::uint64_t> restarts_;
};

using node_handle = std::shared_ptr<node_context>;

}  // namespace causerie::actors
