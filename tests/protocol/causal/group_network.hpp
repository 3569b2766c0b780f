// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "protocol/causal/causal_group.hpp"
#include "protocol/random.hpp"
#include "tests/protocol/causal/group_notebook.hpp"
#include "tests/protocol/causal/group_oracle.hpp"

namespace causerie::protocol::test {

using namespace std::chrono_literals;

struct network_faults {
  double loss = 0, duplicate = 0;
  duration delay_min = 1ms, delay_max = 1ms;  // Spread reorders.
  double internal_loss = 0;                   // Of messages on the internal channel.
  double mailbox_loss = 0;  // An arriving frame dies with its actor, which is then restarted.
};

/// Some nodes with one group each, on virtual time, with a membership service that is told the
/// truth after a while. Everything random comes from the seed.
class group_network {
public:
  explicit group_network(std::uint64_t seed, group_config config = {});

  network_faults faults;
  duration detection = 300ms;  // Until membership says up or down.

  /// Starts a node (its next life) and lets it join. Returns its index.
  std::size_t start();
  std::size_t start_with(const group_config& config);
  /// In a durable group: as what its last life left.
  void start_again(std::size_t node);
  [[nodiscard]] group_notebook& notebook(std::size_t node) { return nodes_[node].notebook; }
  void crash(std::size_t node);
  /// Nodes of different parts do not hear each other.
  void partition(std::map<std::size_t, int> part_of);
  void heal() { partition({}); }

  /// What `node` says, or the refusal.
  result<message_id> say(std::size_t node, const std::string& text, std::uint64_t request = 0);
  void run(duration time);
  /// Runs until `done`, at most `time`; whether it came about.
  bool run_until(const std::function<bool()>& done, duration time);
  /// Lets one node's application stop or go on reading.
  void consume(std::size_t node, bool reads);
  /// The actor of `node` dies and a new one finds the machine.
  void kill_actor(std::size_t node);

  [[nodiscard]] causal_group& at(std::size_t node) { return *nodes_[node].machine; }
  [[nodiscard]] incarnation who(std::size_t node) const { return nodes_[node].who; }
  [[nodiscard]] bool all_active();
  /// Everybody who is up has delivered the same.
  [[nodiscard]] bool converged();
  [[nodiscard]] std::vector<incarnation> survivors() const;
  [[nodiscard]] const std::vector<group_event>& events(std::size_t node) const {
    return nodes_[node].events;
  }
  template <class Event>
  [[nodiscard]] std::vector<Event> events_of(std::size_t node) const {
    std::vector<Event> found;
    for (const auto& event : nodes_[node].events)
      if (const auto* match = std::get_if<Event>(&event.what)) found.push_back(*match);
    return found;
  }
  [[nodiscard]] std::vector<std::string> texts(std::size_t node) const;
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] bool up(std::size_t node) const { return nodes_[node].up; }
  [[nodiscard]] instant now() const { return now_; }
  void audit();
  /// Who sees what, for people who look for the reason of a failure.
  [[nodiscard]] std::string describe();
  /// What every application has seen, in order.
  [[nodiscard]] std::string history() const;

  group_oracle oracle;
  random_source chance;
  std::size_t frames = 0, row_frames = 0, timers = 0, credits = 0;
  /// When set: frames for which it answers true are lost.
  std::function<bool(std::size_t from, std::size_t to, byte_view body)> drop;
  bool auditing = false;  // After every step.

private:
  struct group_node {
    incarnation who;
    std::unique_ptr<causal_group> machine;
    group_config config;
    bool up = false, reads = true, announced = false;
    cursor read_up_to = 0;
    std::vector<group_event> events;
    group_notebook notebook;  // Of a durable group: outlives the process.
  };
  using happening = std::function<void()>;

  void at_time(instant when, happening what) { agenda_.emplace(when, std::move(what)); }
  void settle(std::size_t node);
  void take(std::size_t node);
  void transmit(std::size_t from, const node_id& to, const shared_bytes& body, bool internal);
  void arrive(std::size_t to, const incarnation& from, const shared_bytes& body, bool internal);
  [[nodiscard]] bool connected(std::size_t a, std::size_t b) const;
  void tell_membership(std::size_t node);
  void tell_everybody();
  bool step(instant until);

  group_config config_;
  std::vector<group_node> nodes_;
  std::multimap<instant, happening> agenda_;
  std::map<std::size_t, int> part_of_;
  instant now_{std::chrono::hours{1}};
  std::uint64_t lives_ = 0;
};

}  // namespace causerie::protocol::test
