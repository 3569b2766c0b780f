// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apps/checker/history.hpp"
#include "apps/simulation/chatter.hpp"
#include "apps/simulation/day.hpp"
#include "apps/simulation/event_heap.hpp"
#include "apps/simulation/fault_plan.hpp"
#include "apps/simulation/node_clock.hpp"
#include "apps/simulation/run_seed.hpp"
#include "apps/simulation/sim_node.hpp"
#include "apps/simulation/tapped_port.hpp"
#include "apps/simulation/trace.hpp"
#include "apps/simulation/written_day.hpp"
#include "net/sim/sim_network.hpp"

namespace causerie::simulation {

/// What a written day says of itself in terms of a drawn one.
[[nodiscard]] day day_of(const written_day& written);
[[nodiscard]] std::vector<fault> faults_of(const written_day& written);

using node_factory = std::function<std::unique_ptr<sim_node>(node_environment)>;

/// A cluster, its network and its applications on one virtual clock, for one day.
class world {
public:
  world(const scenario& today, std::uint64_t seed, node_factory factory, trace::sink lines,
        const excerpt& only = {});
  /// `watch` and `written` outlive the world.
  world(const written_day& written, std::uint64_t seed, node_factory factory,
        const day_watch& watch);
  ~world();
  void run();
  [[nodiscard]] seed_result result();
  /// The same for a written day.
  [[nodiscard]] written_result written_outcome();

private:
  world(const scenario& today, std::uint64_t seed, node_factory factory, trace::sink lines,
        const excerpt& only, const written_day* written);
  void cut_down();

  /// A place in the cluster: an address, and whichever life of the node is there now.
  struct host {
    std::unique_ptr<tapped_port> port;
    std::unique_ptr<sim_node> node;  // None: not running.
    std::unique_ptr<chatter> application;
    std::unique_ptr<chatter> before;  // The application of the last life, in a durable group.
    journal::simulated_disk disk;
    node_clock clock;
    std::uint64_t life = 0, actor_kills = 0;
    std::uint32_t generation = 0;  // Stale events name an older one.
    std::int64_t started_ns = 0;
    std::int64_t broken_ns = -60 * second_ns;
    std::int64_t armed_ns = -1;
    std::int64_t resume_ns = -1;  // Paused until then.
    bool resting = false;         // A slow application's next look is in the heap.
    protocol::datagram_batch backlog;
    std::int64_t restart_after_ns = -1;
    std::int64_t wall_error_ms = 0;
    std::int64_t disk_slow_ns = 0;
    std::string withheld;  // The id of a message that does not come through; empty: none.
    double broadcasts_per_second = 0, privates_per_second = 0;  // It and `talkers` - 1 others.
    double talkers = 1;
    bool leaving = false, left_group = false, comes = true;
  };

  [[nodiscard]] protocol::instant local(const host& at) const { return at.clock.local(now_ns_); }
  [[nodiscard]] std::uint32_t number_of(const host& at) const {
    return static_cast<std::uint32_t>(&at - hosts_.data());
  }
  [[nodiscard]] const std::string& name_at(const host& at) const {
    return rules_.names[number_of(at)];
  }
  [[nodiscard]] static protocol::socket_address address_of(std::uint32_t node);

  void step();
  void handle(const event& next);
  void start(std::uint32_t node);
  [[nodiscard]] node_environment environment_of(std::uint32_t node);
  [[nodiscard]] protocol::group_config group_of(const host& at);
  [[nodiscard]] std::vector<protocol::socket_address> seeds_of(std::uint32_t node);
  void stop(host& at);
  /// A machine of somebody may break.
  void break_something();
  /// The node began another life by itself: its application writes another history.
  void begin_again(host& at);
  void arrive(host& to, protocol::datagram_batch batch);
  void refuse(host& to, protocol::socket_address where);
  void wake(host& at);
  void talk(host& at);
  void resume(host& at);
  /// Lets the application take what waits, sees to leaving, and arms the node's next deadline.
  void settle(host& at);
  void arm(host& at);
  void see_to_leaving(host& at);
  void schedule_talk(host& at);
  void inject(const fault& what);
  void inject_into(host& at, const fault& what);
  void inject_written(const fault& what);
  [[nodiscard]] bool take_written(const fault& what);
  void change_weather(const fault& what);
  void begin_written();
  void lift_everything();
  /// Its disk is sound again, and everything comes through.
  static void mend(host& at);
  [[nodiscard]] bool tell_why(host& at);
  void withhold_from(host& to, protocol::datagram_batch& batch);
  void look();
  void watch_for_storms();
  void cut(const fault& what);
  void begin_chaos();
  void begin_heal();
  /// Reads everything that the node holds, and says whether it contradicts itself.
  void audit(const host& at) const;
  [[nodiscard]] bool everybody_has_said_all() const;
  [[nodiscard]] std::string unsettled() const;
  [[nodiscard]] bool everything_answered() const;
  /// The first thing that a node's table says wrongly of who is there; empty: nothing.
  [[nodiscard]] std::string misjudged() const;
  [[nodiscard]] std::string misjudged_by(const host& at) const;
  /// Asks the checker; true when nothing more can or need change.
  [[nodiscard]] bool judge(bool last);
  // Of a day on which one node means harm.
  [[nodiscard]] bool is_hostile(const host& at) const {
    return day_.hostile && number_of(at) + 1 == day_.nodes;
  }
  /// A way into the network; the hostile node's own way, if it is that one.
  [[nodiscard]] std::unique_ptr<protocol::transport> attach(std::uint32_t node);
  /// What the checker says of all that the honest have seen of each other.
  [[nodiscard]] checker::verdict ask_checker();
  void count_dropped(const host& at);
  void violated(std::string kind, std::string words);

  const excerpt only_;
  const scenario today_;
  const written_day* written_ = nullptr;
  const day_watch* watch_ = nullptr;
  std::vector<net::sim_faults> weather_;  // Of a written day, by sending node.
  std::uint64_t seed_;
  protocol::random_source random_;
  protocol::random_source breakdowns_{seed_ ^ 0x627265616b646f77ULL};  // Moves nobody's draws.
  day day_;
  std::vector<fault> plan_;
  std::size_t next_fault_ = 0;
  trace trace_;
  gossip_rules rules_;
  net::sim_network network_;
  std::vector<int> blocks_;  // Per path: partitions overlap.
  event_heap heap_;
  node_factory factory_;
  std::vector<host> hosts_;
  std::deque<checker::history> histories_;

  std::int64_t now_ns_ = 0;
  std::int64_t heal_ns_ = 0, end_ns_ = 0, next_judgement_ns_ = 0, equal_since_ns_ = -1;
  std::uint64_t looks_ = 0, node_faults_ = 0, actor_kills_ = 0, sent_ = 0;
  bool healed_ = false, done_ = false;
  seed_result result_;
};

}  // namespace causerie::simulation
