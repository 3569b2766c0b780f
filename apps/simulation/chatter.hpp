// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "apps/checker/history.hpp"
#include "apps/simulation/scenario.hpp"
#include "apps/simulation/sim_node.hpp"
#include "apps/simulation/sometimes.hpp"
#include "apps/simulation/trace.hpp"
#include "protocol/random.hpp"

namespace causerie::simulation {

inline constexpr const char* lobby = "lobby";

inline constexpr auto all_messages = std::numeric_limits<std::uint64_t>::max();

/// What all applications of a world share.
struct gossip_rules {
  const scenario& today;
  std::vector<protocol::node_id> nodes;  ///< By number.
  std::vector<std::string> names;        ///< By number, as in histories.
  double answers = 0;
  bool durable = false;      ///< Groups outlive processes.
  bool little_room = false;  ///< What waits for room may be late in any weather.
  trace& log;
  std::uint64_t answers_left = 0;  ///< Bounds chains of answers to answers.
  sometimes_counts* sometimes = nullptr;
  std::uint64_t messages_left = all_messages;  ///< That anybody may still send.
  std::int64_t healed_ns = -1;                 ///< When the last fault ended; -1: not yet.
  std::string group = lobby;
  std::string liar{};  ///< By name, a node that means harm: its channels owe nobody anything.
  /// By node: how wrong its messages' wall times were at worst, in milliseconds. Empty: not asked.
  std::vector<std::int64_t> clock_errors_ms{};
};

/// The application of one life of a node: says things, answers, whispers, and keeps a history of
/// what it saw. Its memory survives the death of its own actor, as an application's journal would.
class chatter {
public:
  chatter(gossip_rules& rules, std::uint32_t number, std::uint64_t life, std::uint64_t seed,
          checker::history& history);

  /// What the application of the node's last life heard on durable channels it has heard.
  void remember(const chatter& before);
  /// Goes on where the application of the node's last life ended: its group is durable.
  void resume(const chatter& before, std::int64_t now_ns);

  /// Goes on in the same process after the node has begun another life by itself.
  void follow(const chatter& before);

  /// Takes what waits, in order: answers, broadcasts, whispers. True if anything was there.
  bool listen(sim_node& node, std::int64_t now_ns, protocol::instant local);
  void say(sim_node& node, std::int64_t now_ns, protocol::instant local);
  void whisper(sim_node& node, std::uint32_t to, std::int64_t now_ns, protocol::instant local);
  /// Its actor died: everything after the committed position will be read again.
  void forget_uncommitted() { uncommitted_ = 0; }

  /// Reads at most one event each `interval` from now on; none: as fast as they come.
  void set_slow(std::int64_t interval_ns) noexcept { slow_ns_ = interval_ns; }
  [[nodiscard]] std::int64_t next_listen_ns() const noexcept { return next_listen_ns_; }
  [[nodiscard]] bool resting(std::int64_t now_ns) const noexcept {
    return slow_ns_ != 0 && now_ns < next_listen_ns_;
  }

  [[nodiscard]] bool joined() const noexcept { return joined_; }
  /// The stream began once and may go on, whether or not the node is a member just now.
  [[nodiscard]] bool interrupted() const noexcept { return position_ != 0 && !left_; }
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] std::size_t unanswered() const noexcept { return asked_.size(); }
  [[nodiscard]] std::uint64_t said() const noexcept { return said_; }
  [[nodiscard]] std::uint64_t whispered() const noexcept { return whispered_; }
  /// Whispers sent after the heal, with time enough, that were not called delivered: to whom.
  [[nodiscard]] const std::map<std::uint32_t, std::string>& unreached() const noexcept {
    return unreached_;
  }
  [[nodiscard]] std::uint64_t heard() const noexcept { return heard_; }
  [[nodiscard]] std::uint64_t gaps() const noexcept { return gaps_; }
  /// Positions that did not follow the one before: a stream with a hole or a step back.
  [[nodiscard]] std::uint64_t stream_faults() const noexcept { return stream_faults_; }
  struct heard_of {
    protocol::sequence delivered = 0;      ///< The newest of the sender's messages it heard.
    protocol::sequence declared_lost = 0;  ///< The end of the newest gap it was told of.
    protocol::sequence at_joined = 0;      ///< `delivered` when its stream last began anew.
  };
  /// How far it has come with each sender.
  [[nodiscard]] const std::map<protocol::incarnation, heard_of>& progress() const {
    return progress_;
  }
  [[nodiscard]] const checker::history& history() const noexcept { return history_; }
  [[nodiscard]] checker::history& history() noexcept { return history_; }

private:
  static constexpr auto never = std::numeric_limits<std::int64_t>::max();
  struct asked {
    std::string message;
    std::string where;
    std::string peer;  // Empty: a broadcast.
    std::uint32_t to = 0;
    // If the peer stays: sent in good weather, with time enough.
    std::int64_t must_arrive_by_ns = never;
  };

  void hear(sim_node& node, const answer& what, std::int64_t now_ns);
  bool take_events(sim_node& node, std::int64_t now_ns, protocol::instant local);
  void hear(sim_node& node, const protocol::group_event& event, std::int64_t now_ns,
            protocol::instant local);
  bool take_private(sim_node& node, std::int64_t now_ns, protocol::instant local);
  void note_clock(const protocol::message_event& message, protocol::instant local);
  void note_gap(const protocol::gap_event& gap, std::int64_t now_ns);
  void note_stable(const protocol::stable_event& stable, std::int64_t now_ns);
  [[nodiscard]] bool of_another_life(const sim_node& node) const;
  [[nodiscard]] protocol::shared_bytes compose(const std::string& id, std::size_t bytes_max);
  [[nodiscard]] std::string next_id();
  [[nodiscard]] std::string name_of(const protocol::node_id& node) const;
  checker::entry& write(checker::entry_kind kind, std::int64_t now_ns);

  gossip_rules& rules_;
  std::uint32_t number_;
  std::string name_;
  protocol::random_source random_;
  checker::history& history_;
  std::uint64_t next_number_ = 0, next_ticket_ = 0;
  std::map<std::uint64_t, asked> asked_;
  std::map<std::uint32_t, std::string> unreached_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> private_seen_;
  std::map<protocol::incarnation, heard_of> progress_;
  protocol::cursor position_ = 0, committed_ = 0;
  std::uint64_t uncommitted_ = 0;
  std::size_t stable_entry_ = 0;
  std::int64_t slow_ns_ = 0, next_listen_ns_ = 0;
  // Some let private messages lie for a while: who dies then has messages that nobody has read.
  std::int64_t leisure_ns_ = 0, read_private_ns_ = 0;
  bool joined_ = false, ended_ = false, left_ = false;
  bool afresh_ = false;  // Another life's application: its membership begins with `joined`.
  std::uint64_t said_ = 0, whispered_ = 0, heard_ = 0, gaps_ = 0, stream_faults_ = 0;
};

/// The number that `make_node` put into an id.
[[nodiscard]] std::uint32_t node_number(const protocol::node_id& node) noexcept;
/// An id that looks like chance and carries the node's number.
[[nodiscard]] protocol::node_id make_node(std::uint32_t number, std::uint64_t seed) noexcept;

}  // namespace causerie::simulation
