// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "actors/application_desk.hpp"
#include "actors/node_context.hpp"

namespace causerie::actors {

/// A node without Asio: its vault, its actors, and the ports where applications meet them. The
/// public `causerie::node` wraps one; the simulator runs many on virtual time.
///
/// Thread rule: any thread, but for the destructor and `stop`, which come last.
class node_core {
public:
  explicit node_core(node_environment environment);
  /// Calls `stop`.
  ~node_core();
  node_core(const node_core&) = delete;
  node_core& operator=(const node_core&) = delete;

  /// Opens the network and spawns the actors; joins through any of the seeds, or with none founds
  /// a cluster of its own. `at`: the node's time now. Call once. Throws std::system_error: what the
  /// journal says when the durable channels cannot be read.
  void start(std::span<const protocol::socket_address> seeds, protocol::instant at);

  /// Begins to join a group, or goes on with a durable one. Errors: `bad_name`; `entered_before`,
  /// when this node is (or was) in that group in its present life; `refused`, when it is durable
  /// and the node has no journal; what the journal says. Waits for the disk.
  [[nodiscard]] protocol::result<std::shared_ptr<group_room>> open_group(
      protocol::group_config config, protocol::instant at);
  /// Lets an application deal with a group's stream from now on, message by message; nobody else
  /// may read that stream. Error: `duplicate`, when there is one of this name.
  [[nodiscard]] protocol::result<std::shared_ptr<application_desk>> open_application(
      std::string name, std::shared_ptr<group_room> room, application_desk::work handler,
      application_desk::options chosen, std::deque<protocol::group_event> taken_already = {});
  [[nodiscard]] channel_port& private_port() noexcept { return context_->machines.private_port; }
  [[nodiscard]] std::vector<protocol::member_view> members() const { return context_->members(); }
  [[nodiscard]] bool ready() const noexcept { return context_->cluster_ready; }

  /// Says `Left`; `has_left` once that has been said often enough.
  void leave_cluster();
  [[nodiscard]] bool has_left() const noexcept { return context_->left_cluster; }

  struct actor_status {
    std::string path;
    std::string kind;
    std::size_t mailbox = 0;
    std::uint64_t restarts = 0;
    bool alive = false;
    protocol::duration stuck_for{};  ///< In its present handler, when that is too long; else zero.
    std::uint64_t stuck_times = 0;
  };
  [[nodiscard]] std::vector<actor_status> actors() const;
  /// Kills the actor with this path, overtaking its mailbox; false when there is none.
  bool kill(const std::string& path);

  /// For tests: this actor's next step ends as if its machine had broken. False: no such actor.
  bool sabotage(const std::string& path);
  /// Which life the node is in, and how many machines have broken so far.
  [[nodiscard]] protocol::incarnation self() const noexcept { return context_->self(); }
  [[nodiscard]] std::uint64_t rebuilds() const noexcept { return context_->rebuilds(); }
  [[nodiscard]] std::string last_breakdown() const { return context_->last_breakdown(); }

  /// Ends every actor without goodbye. Ports answer what waits. Harmless twice.
  void stop();

  [[nodiscard]] const node_handle& context() const noexcept { return context_; }

private:
  node_handle context_;
  std::uint64_t next_seed_;
};

}  // namespace causerie::actors
