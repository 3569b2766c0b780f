// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "actors/bridge/sim_coordinator.hpp"
#include "actors/node_core.hpp"
#include "protocol/random.hpp"

namespace causerie::test {

/// A few nodes, the shipped actors, in one thread on virtual time over a network of a page. For
/// tests of the actors; the real simulator has faults and checkers of its own.
class cluster {
public:
  struct options {
    std::size_t nodes = 3;
    double loss = 0;
    std::uint64_t seed = 1;
  };

  explicit cluster(options chosen);
  ~cluster();

  struct machine_host {
    caf::actor_system_config config;
    std::unique_ptr<caf::actor_system> system;
    std::unique_ptr<protocol::transport> network;
    std::unique_ptr<actors::node_core> node;
    std::vector<std::string> failures;
    std::vector<actors::occurrence> news;
    std::shared_ptr<actors::group_room> room;
    std::vector<protocol::group_event> stream;  ///< Everything taken from the room's port.
    bool reading = true;
  };

  [[nodiscard]] machine_host& at(std::size_t index) { return *hosts_.at(index); }
  [[nodiscard]] std::size_t size() const { return hosts_.size(); }
  [[nodiscard]] protocol::instant now() const { return now_; }
  [[nodiscard]] protocol::random_source& chance() { return chance_; }

  void start(std::size_t index);
  void join_group(std::size_t index, const std::string& name = "lobby");
  enum class joining { in_turn, at_once };
  /// Starts all, and has them join one group; false when that takes too long.
  [[nodiscard]] bool gather(joining how = joining::in_turn);
  void say(std::size_t index, const std::string& text);
  /// The texts that this node's application has seen, in order.
  [[nodiscard]] std::vector<std::string> heard(std::size_t index) const;

  void run_for(protocol::duration span);
  /// Runs until the condition holds; false when it does not within `span`.
  template <class Condition>
  bool run_until(Condition holds, protocol::duration span = std::chrono::seconds{30}) {
    const auto end = now_ + span;
    while (!holds()) {
      if (now_ >= end) return false;
      run_for(std::chrono::milliseconds{5});
    }
    return true;
  }

private:
  class wire;
  struct flight {
    protocol::instant arrives;
    std::uint64_t order;
    std::size_t to;
    protocol::datagram what;
    bool operator>(const flight& other) const {
      return std::tie(arrives, order) > std::tie(other.arrives, other.order);
    }
  };
  void drain();
  [[nodiscard]] protocol::instant next_event(protocol::instant horizon) const;

  options options_;
  protocol::random_source chance_;
  protocol::instant now_{std::chrono::seconds{1000}};
  std::uint64_t order_ = 0;
  std::priority_queue<flight, std::vector<flight>, std::greater<>> flights_;
  std::vector<std::unique_ptr<machine_host>> hosts_;
};

}  // namespace causerie::test
