// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/bridge/sim_coordinator.hpp"
#include "actors/node_core.hpp"
#include "apps/simulation/sim_node.hpp"
#include "protocol/random.hpp"

namespace causerie::simulation {

/// Level 2: the shipped actors in an actor system of their own, on virtual time. They get one turn
/// of one message each, in an order that the seed shuffles, and a kill comes between any two.
class l2_node final : public sim_node {
public:
  explicit l2_node(node_environment environment);
  ~l2_node() override;

  void start(std::span<const protocol::socket_address> seeds, protocol::instant at) override;
  void run(protocol::instant at) override;
  [[nodiscard]] std::optional<protocol::instant> next_deadline() const override;
  bool kill_actor(actor_kind which, protocol::instant at) override;
  bool kill_exactly(actor_kind which, protocol::instant at) override;
  [[nodiscard]] const kill_counts& actors_killed() const noexcept override { return killed_; }
  bool break_machine(actor_kind which, protocol::instant at) override;
  [[nodiscard]] std::uint64_t life() const override {
    return protocol::number(core_->self().epoch);
  }
  void restart_application(protocol::instant at) override;
  void open_group(protocol::group_config config, protocol::instant at) override;
  void leave_group(protocol::instant at) override;
  void broadcast(std::uint64_t ticket, protocol::shared_bytes payload,
                 protocol::instant at) override;
  [[nodiscard]] std::vector<protocol::group_event> take_events(std::size_t events_max) override;
  void commit_events(protocol::cursor up_to, protocol::instant at) override;
  void whisper(std::uint64_t ticket, const protocol::channel_key& to,
               protocol::shared_bytes payload, protocol::duration within,
               protocol::instant at) override;
  [[nodiscard]] bool keeps_channels() const override { return keeps_; }
  [[nodiscard]] std::vector<private_message> take_private() override;
  void commit_private(const protocol::channel_key& from, std::uint64_t up_to,
                      protocol::instant at) override;
  [[nodiscard]] std::vector<answer> take_answers() override;
  void leave_cluster(protocol::instant at) override;
  [[nodiscard]] bool has_left() const override;
  [[nodiscard]] bool active() const override;
  [[nodiscard]] std::vector<protocol::member_view> members() const override;
  [[nodiscard]] bool disk_failed() const override;
  [[nodiscard]] std::optional<protocol::message_explanation> explain(
      const protocol::message_id& id) const override;
  void audit() const override;
  [[nodiscard]] node_counters counters() const override;
  /// A machine that asks for deadlines in the past keeps its actor busy for ever: `run` throws.
  [[nodiscard]] std::uint64_t livelocks() const noexcept override { return 0; }

private:
  void work(protocol::instant at);
  bool doom(actor_kind which);
  void strike();

  bool keeps_ = false;   // It has a journal.
  std::string failure_;  // The node cannot go on. Outlives the actors.
  std::uint64_t expected_breaks_ = 0;
  protocol::random_source random_;
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  actors::sim_coordinator* turns_ = nullptr;
  std::vector<answer> answers_;
  std::unique_ptr<actors::node_core> core_;
  std::shared_ptr<actors::group_room> room_;

  std::string doomed_;         // The path of the actor to be killed; empty: none.
  std::size_t doomed_as_ = 0;  // Its place in `killed_`.
  std::uint64_t turns_left_ = 0;
  kill_counts killed_{};

  // What the ports handed over: waiting for the application, and not yet committed by it.
  std::deque<protocol::group_event> events_, uncommitted_;
  std::deque<private_message> private_, private_uncommitted_;
};

}  // namespace causerie::simulation
