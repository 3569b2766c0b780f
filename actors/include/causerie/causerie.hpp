// SPDX-License-Identifier: BSL-1.0
#pragma once

/// causerie for coroutine users: a node, its groups, its private channels. Nothing here shows CAF.
///
/// Thread rule: a node and everything obtained from it is used from handlers and coroutines of the
/// io_context it was given (any number of threads may run that context; one handle belongs to one
/// coroutine at a time). No globals: any number of nodes live in one process.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>

#include "net/fault/fault_plan.hpp"
#include "protocol/causal/group_config.hpp"
#include "protocol/causal/group_event.hpp"
#include "protocol/causal/message_explanation.hpp"
#include "protocol/channel/channel_config.hpp"
#include "protocol/errors.hpp"
#include "protocol/membership/member_view.hpp"
#include "protocol/result.hpp"
#include "protocol/transport.hpp"

namespace caf {
class actor_system;  // Only named here; <causerie/caf.hpp> is for those who use it.
}

namespace causerie {

using protocol::boot_epoch;
using protocol::group_event;
using protocol::history_policy;
using protocol::incarnation;
using protocol::member_view;
using protocol::message_explanation;
using protocol::message_id;
using protocol::node_id;
using protocol::protocol_errc;
using protocol::result;
using protocol::shared_bytes;

using duration = std::chrono::nanoseconds;
using namespace std::chrono_literals;

/// What a node may expect of the network.
enum class network_profile : std::uint8_t {
  any,  ///< Members may be far apart: SWIM probes one a second.
  lan   ///< One local network: the dead are found in half the time, for twice the packets.
};

/// What a node is to be. Everything has a default that works on one machine.
struct node_options {
  std::string name;                    ///< Default: host name plus four letters of the key.
  std::string listen = "127.0.0.1:0";  ///< Loopback until you say otherwise; port 0: any.
  std::vector<std::string> join;       ///< Addresses of members; none: a cluster of its own.
  std::string cluster = "causerie";
  std::filesystem::path data;      ///< Key, boot epoch and journal; empty: memory only.
  bool sync_every_commit = false;  ///< The journal outlives power cuts too, not only kill -9.
  /// The journal has been moved, restored or copied since the node last ran, and nobody uses the
  /// other copy. Without this word such a journal is refused.
  bool journal_moved = false;
  std::size_t group_limit = 256;  ///< Members a group may have; the next one is refused.
  net::fault_plan faults;         ///< Injected above the socket, for tests.
  std::uint64_t fault_seed = 0;
  std::uint64_t seed = 0;  ///< For the protocol's own chance; 0: from the system.
  network_profile profile = network_profile::any;
  std::optional<duration> probe_period;  ///< SWIM's T; none: the profile's, 1 s or 500 ms.
  /// A handler that lasts longer is named in the events; for that a thread of its own looks on.
  /// Zero: nobody looks, and there is no such thread.
  duration stuck_after{};
  /// Told so at once, on that thread, since the loop may be what stands still. May be empty.
  std::function<void(const std::string& path, duration so_far)> on_stuck{};
};

/// How much of a group's past a member keeps for those who join with recent history, or were away.
/// What everybody who is waited for has is forgotten beyond any of these, the oldest first; who
/// comes later and wants it is told of a gap of cause `retention`.
struct retention {
  std::size_t messages = 10'000;
  std::size_t bytes = 64u << 20;
  std::optional<duration> age;  ///< None: the group's horizon.
};

/// How to be in a group.
struct join_options {
  history_policy history = history_policy::skip;
  /// The membership outlives the process: the next life of a node with the same `data` goes on with
  /// its stream behind what was committed, and what it had sent is not lost with it. Nothing is
  /// sent or given out before it has been kept.
  bool durable = false;
  /// Zero: every part of a split group goes on. Otherwise sends are refused with `no_majority`
  /// while fewer than half of the members, or of so many if that is more, are here; the stream says
  /// when that changes. The same at all members: 1 if their number is not known beforehand.
  std::size_t require_majority = 0;
  /// A member that has been silent for so long is no longer waited for: what only it had is a gap.
  /// The same for all members.
  duration horizon = 15min;
  retention keep;
  /// How long `join` waits to become active; a durable membership that goes on does not wait: its
  /// stream can be read at once, and sends wait until the node is a member again.
  duration within = 30s;
};

/// A broadcast as the application receives it.
struct message {
  message_id id;
  node_id from_node;
  std::string from;  ///< The sender's name, or its short id.
  std::uint64_t lamport = 0;
  std::chrono::system_clock::time_point sent_at;
  shared_bytes payload;
  std::uint64_t lost_before = 0;  ///< Messages declared lost right before this one.
  protocol::cursor position = 0;
  [[nodiscard]] std::string_view text() const noexcept { return payload.text(); }
};

/// A membership in a causal group. Movable; destroying it does not leave the group.
class group {
public:
  group(group&&) noexcept;
  group& operator=(group&&) noexcept;
  ~group();

  /// False when joining failed: `error` says why, and every operation returns it.
  [[nodiscard]] explicit operator bool() const noexcept;
  [[nodiscard]] std::error_code error() const noexcept;
  [[nodiscard]] const std::string& name() const noexcept;

  /// Accepted into the bounded window (waiting for room until the deadline), or a reason:
  /// `would_block` after the deadline, `too_large`, `not_a_member`.
  [[nodiscard]] asio::awaitable<result<message_id>> send(std::string_view text,
                                                         duration within = 30s);
  [[nodiscard]] asio::awaitable<result<message_id>> send(shared_bytes payload,
                                                         duration within = 30s);
  /// Completes when every live member holds the message; the holders.
  [[nodiscard]] asio::awaitable<result<std::vector<node_id>>> stable(message_id id,
                                                                     duration within = 30s);
  /// The next broadcast, own ones included; an error when the membership has ended.
  /// Asking for the next one commits the one before (see `next` for the raw stream).
  [[nodiscard]] asio::awaitable<result<message>> receive();
  /// The next event of any kind, in stream order; commit it yourself.
  [[nodiscard]] asio::awaitable<result<group_event>> next();
  /// Events wait until they are committed; after any actor's death the stream goes on behind it. In
  /// a durable group so does the next life's, but for what was committed in a process's last 20 ms:
  /// that may be read again.
  void commit(protocol::cursor up_to);
  /// Says goodbye as the last message and waits until it is stable, or 5 s.
  [[nodiscard]] asio::awaitable<void> leave();

  struct state;
  explicit group(std::shared_ptr<state> shared) noexcept;
  /// What the headers beside this one build on; not for applications.
  [[nodiscard]] state& internals() noexcept { return *state_; }

private:
  std::shared_ptr<state> state_;
};

/// A private message as the application receives it.
struct private_message {
  incarnation sender;
  std::string from;
  std::uint64_t position = 0;
  shared_bytes payload;
  [[nodiscard]] std::string_view text() const noexcept { return payload.text(); }
};

/// What became of a private message; see protocol::send_outcome.
enum class delivery : std::uint8_t { delivered, not_sent, unknown };

/// One actor of a node, for people and chaos scripts.
struct actor_view {
  std::string path;  ///< `membership`, `groups/lobby`, ...
  std::string kind;
  std::size_t mailbox = 0;
  std::uint64_t restarts = 0;
  bool alive = false;
  duration stuck_for{};  ///< In its present handler, when that is too long; else zero.
  std::uint64_t stuck_times = 0;
};

/// Something happened in the node; for `causerie watch` and for logs.
struct node_event {
  std::uint64_t id = 0;
  std::chrono::system_clock::time_point at;
  /// `member`, `actor`, `journal` (`final`: the disk failed; the process should end with status
  /// 74), `node`
  std::string type;
  std::vector<std::pair<std::string, std::string>> fields;
};

/// What goes wrong with the journal's disk, for tests.
struct disk_faults {
  bool full = false;            ///< Commits are refused; what is kept stays kept.
  duration slow{};              ///< Each commit takes so much longer.
  bool fail_next_sync = false;  ///< Once, and nothing is kept any more.
};

/// A node: an address, an identity, and the actors that do the work.
class node {
public:
  /// Binds the socket and starts the actors on `io`, which the caller runs. Throws
  /// std::system_error: `address_in_use`, permission; std::invalid_argument: a malformed option.
  node(asio::io_context& io, node_options options);
  /// The same, with its actors in the caller's actor system (see <causerie/caf.hpp>), which must
  /// outlive the node. They run on that system's scheduler: each hand-over crosses threads.
  node(asio::io_context& io, node_options options, caf::actor_system& system);
  /// Stops its coroutines and actors without saying goodbye; `leave` is the polite way.
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  [[nodiscard]] const node_id& id() const noexcept;
  [[nodiscard]] boot_epoch epoch() const noexcept;
  [[nodiscard]] const std::string& name() const noexcept;
  [[nodiscard]] protocol::socket_address address() const noexcept;

  /// Enters a group, or founds it, and completes when the node is an active member; `group::error`
  /// says whether it is. Errors: `bad_name`; `refused`: a limit of the group, or durable without a
  /// data folder; `timed_out` after `within`, and what was begun is left; `entered_before`: the
  /// others know a member by its node's life, so that a group that was left, or whose joining
  /// ended with an error, is entered again in the node's next life only. Keep the handle.
  [[nodiscard]] asio::awaitable<group> join(std::string name, join_options options = {});

  /// One message on the private FIFO channel to `peer`; completes with its outcome by `within`.
  /// Sends issued one after the other keep their order, awaited or not.
  [[nodiscard]] asio::awaitable<result<delivery>> send(node_id peer, shared_bytes payload,
                                                       std::string channel = "main",
                                                       duration within = 30s);
  /// The same on a durable channel, which it makes of the channel to `peer`: completes when the
  /// journal has the message, within `within`. From then on it is brought over exactly once,
  /// however often both nodes are restarted, as long as both keep their data folders; what became
  /// of it is not told. Messages given to `send` on that channel later are kept, too. Errors:
  /// `refused` without a data folder, `would_block`, what the journal says; `closed`: it may be
  /// kept or not.
  [[nodiscard]] asio::awaitable<result<void>> post(node_id peer, shared_bytes payload,
                                                   std::string channel = "main",
                                                   duration within = 30s);
  /// Ends the durable channel to `peer`, when it is waited for no longer: what has not left never
  /// does, of the rest nobody can say. The next `post` begins another. Nothing, if there is none.
  void give_up(node_id peer, std::string channel = "main");
  /// The next private message on channels of this name, from anybody; the one before is committed.
  [[nodiscard]] asio::awaitable<result<private_message>> receive(std::string channel = "main");

  [[nodiscard]] asio::awaitable<std::vector<member_view>> members();
  /// A member by name, by id, or by an unambiguous beginning of its id.
  [[nodiscard]] asio::awaitable<result<member_view>> find(std::string text);
  [[nodiscard]] asio::awaitable<std::vector<actor_view>> actors();
  /// What became of a message of a group here, or what it waits for. Error: `not_a_member`.
  [[nodiscard]] asio::awaitable<result<message_explanation>> why(std::string group, message_id id,
                                                                 duration within = 5s);
  /// Kills an actor as a chaos test does; its supervisor restarts it. Error: no such actor.
  [[nodiscard]] asio::awaitable<result<void>> kill(std::string path);
  /// Counters of every part, by name: `link.dropped_malformed`, `group.lobby.repaired`, ...
  [[nodiscard]] asio::awaitable<std::map<std::string, std::uint64_t>> counters();
  /// Events behind `since`, waiting for the first; a bounded ring of 4096 is kept.
  [[nodiscard]] asio::awaitable<std::vector<node_event>> events(std::uint64_t since);
  /// Replaces the injected faults, now.
  void set_faults(net::fault_plan plan);
  /// What the wall clock shows wrongly from now on, for tests. Nothing but `sent_at` comes from it.
  void set_clock_error(duration error);
  /// From now on, for tests. Error: `refused`, the node keeps no journal.
  [[nodiscard]] result<void> set_disk_faults(const disk_faults& what);
  /// Durable groups of earlier lives, by name: they go on when they are joined again.
  [[nodiscard]] std::vector<std::string> kept_groups();

  /// Leaves every group and the cluster in order, within 3 s or so; then only destroy the node.
  [[nodiscard]] asio::awaitable<void> leave();

  struct state;
  /// What the headers beside this one build on; not for applications.
  [[nodiscard]] state& internals() noexcept { return *state_; }

private:
  std::unique_ptr<state> state_;
};

}  // namespace causerie
