// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

#include "apps/simulation/node_counters.hpp"
#include "journal/simulated_disk.hpp"
#include "protocol/causal/causal_group.hpp"
#include "protocol/channel/channel_set.hpp"
#include "protocol/link/link_config.hpp"
#include "protocol/membership/member_view.hpp"
#include "protocol/membership/membership_config.hpp"
#include "protocol/transport.hpp"

namespace causerie::simulation {

/// What a simulated node is made from. All times that a node sees are its own clock's.
struct node_environment {
  protocol::incarnation self;
  std::string name;
  protocol::socket_address address;
  std::uint64_t seed = 0;
  protocol::link_config links;
  protocol::membership_config membership;
  protocol::channel_config channels;
  protocol::transport* network = nullptr;       ///< The node opens it; outlives the node.
  journal::simulated_disk* disk = nullptr;      ///< Of a node that keeps a journal; outlives it.
  bool disk_synced = false;                     ///< Every commit is fsynced.
  const std::int64_t* disk_slow_ns = nullptr;   ///< How much longer a commit takes; outlives it.
  const std::int64_t* wall_error_ms = nullptr;  ///< How wrong its wall clock is; outlives the node.
  /// Told what the node would tell people; only level 2 has anything to tell. May be empty.
  std::function<void(std::string, std::vector<std::pair<std::string, std::string>>)> on_news;
};

/// Which of a node's actors is to be killed.
enum class actor_kind : std::uint8_t { courier, failure_detector, membership, channels, orderer };
inline constexpr std::uint8_t actor_kind_count = 5;
inline constexpr actor_kind guardian{actor_kind_count};  ///< Only level 2 has it.
/// By kind, in the order of `actor_kind`; the last one is the guardian, whom only level 2 has.
inline constexpr const char* actor_kind_names[] = {"courier",  "failure detector", "membership",
                                                   "channels", "orderer",          "guardian"};
using kill_counts = std::array<std::uint64_t, actor_kind_count + 1>;

/// What became of something that the application asked for under a number of its own.
struct broadcast_answer {
  std::uint64_t ticket = 0;
  protocol::result<protocol::message_id> sent;
};
struct whisper_answer {
  std::uint64_t ticket = 0;
  std::error_code refused;  ///< Not handed over; no outcome follows.
  protocol::send_outcome outcome{};
};
/// A whisper on a durable channel outlives the process; its outcome follows.
struct whisper_kept {
  std::uint64_t ticket = 0;
};
using answer = std::variant<broadcast_answer, whisper_answer, whisper_kept>;
/// Nodes that have a journal make this channel durable.
inline constexpr const char* durable_channel = "kept";

struct private_message {
  protocol::channel_key from;
  protocol::channel_set::received what;
};

/// One life of a node, as the world drives it and as its application uses it. Two kinds stand
/// behind this: machines glued as the actors glue them (level 1), and the shipped actors (level 2).
class sim_node {
public:
  virtual ~sim_node() = default;

  virtual void start(std::span<const protocol::socket_address> seeds, protocol::instant at) = 0;
  /// Runs everything that is due. Call when `next_deadline` has come, and whenever the network has
  /// handed something over.
  virtual void run(protocol::instant at) = 0;
  [[nodiscard]] virtual std::optional<protocol::instant> next_deadline() const = 0;

  /// The actor dies with what waits in its mailbox, now or at one of the next few moments at which
  /// something does wait there. False when there is no such actor.
  virtual bool kill_actor(actor_kind which, protocol::instant at) = 0;
  /// The same, and it is that very actor: `kill_actor` may choose the guardian instead.
  virtual bool kill_exactly(actor_kind which, protocol::instant at) {
    return which != guardian && kill_actor(which, at);
  }
  [[nodiscard]] virtual const kill_counts& actors_killed() const noexcept = 0;
  /// A machine breaks in one of its next steps, and the node begins another life. False where
  /// nodes know no such thing (level 1).
  virtual bool break_machine(actor_kind, protocol::instant) { return false; }
  /// The life that the node is in, when it may have begun another one by itself; else zero.
  [[nodiscard]] virtual std::uint64_t life() const { return 0; }
  /// The application's own actor dies: `take_events` goes on behind what was committed.
  virtual void restart_application(protocol::instant at) = 0;

  virtual void open_group(protocol::group_config config, protocol::instant at) = 0;
  virtual void leave_group(protocol::instant at) = 0;
  virtual void broadcast(std::uint64_t ticket, protocol::shared_bytes payload,
                         protocol::instant at) = 0;
  [[nodiscard]] virtual std::vector<protocol::group_event> take_events(std::size_t events_max) = 0;
  virtual void commit_events(protocol::cursor up_to, protocol::instant at) = 0;
  virtual void whisper(std::uint64_t ticket, const protocol::channel_key& to,
                       protocol::shared_bytes payload, protocol::duration within,
                       protocol::instant at) = 0;
  /// Whispers on `durable_channel` may be sent.
  [[nodiscard]] virtual bool keeps_channels() const { return false; }
  [[nodiscard]] virtual std::vector<private_message> take_private() = 0;
  virtual void commit_private(const protocol::channel_key& from, std::uint64_t up_to,
                              protocol::instant at) = 0;
  [[nodiscard]] virtual std::vector<answer> take_answers() = 0;

  virtual void leave_cluster(protocol::instant at) = 0;
  [[nodiscard]] virtual bool has_left() const = 0;
  [[nodiscard]] virtual bool active() const = 0;
  /// Whom it knows of, itself among them.
  [[nodiscard]] virtual std::vector<protocol::member_view> members() const = 0;
  /// Nothing will be kept any more: the process ends once the node has left.
  [[nodiscard]] virtual bool disk_failed() const { return false; }
  [[nodiscard]] virtual std::optional<protocol::message_explanation> explain(
      const protocol::message_id&) const {
    return std::nullopt;
  }
  /// Throws `protocol::broken_invariant`.
  virtual void audit() const = 0;
  [[nodiscard]] virtual node_counters counters() const = 0;
  /// Deadlines that were asked for in the past twice in a row: a livelock on a real machine.
  [[nodiscard]] virtual std::uint64_t livelocks() const noexcept = 0;
};

}  // namespace causerie::simulation
