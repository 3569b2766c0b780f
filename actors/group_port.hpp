// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "journal/record.hpp"
#include "protocol/causal/causal_group.hpp"
#include "protocol/result.hpp"

namespace causerie::actors {

/// Where one group's application and its orderer meet. It lives in the vault, so neither a send
/// nor a delivered event is ever only in a mailbox: a killed orderer's successor finds both.
///
/// The application's side never blocks and never touches the machine; `wake_orderer` sends the
/// one message that makes the orderer look. Thread rule: any thread.
class group_port {
public:
  using send_done = std::function<void(protocol::result<protocol::message_id>)>;

  struct send_command {
    protocol::shared_bytes payload;
    protocol::duration within{};  ///< How long it may wait for room in the send window.
    send_done done;               ///< Called once, on the orderer's thread.
    std::optional<protocol::instant> deadline;  ///< Set by the orderer when it first sees it.
  };

  /// What an application did with one message: all of it in one turn of the orderer, or nothing.
  struct work {
    std::vector<protocol::shared_bytes> sends;
    protocol::cursor up_to = 0;                  ///< Committed with them.
    std::vector<journal::note_written> records;  ///< Kept with them, in a durable group.
    std::function<void()> when_kept;             ///< Called once they may be known; may be empty.
    std::function<void(std::error_code refused, protocol::instant at)> done;  ///< Called once.
    protocol::duration within{};
    std::optional<protocol::instant> deadline;  ///< Set by the orderer when it first sees it.
  };

  static constexpr std::size_t sends_max = 4096;   ///< Waiting for room; then `would_block`.
  static constexpr std::size_t events_max = 4096;  ///< Handed over, not yet taken.

  explicit group_port(protocol::group_config config);

  [[nodiscard]] const protocol::group_config& config() const noexcept { return config_; }
  [[nodiscard]] const protocol::group_id& id() const noexcept { return id_; }

  // --- the application's side ---
  void send(send_command command);
  void put(work piece);
  void commit(protocol::cursor up_to);
  void leave();
  /// What was delivered since the last call, in stream order; empty when nothing waits.
  [[nodiscard]] std::vector<protocol::group_event> take(std::size_t count_max = events_max);
  /// True once the membership has ended, whether or not the application has seen it.
  [[nodiscard]] bool ended() const;
  /// `arrived` is called (on the orderer's thread) whenever events wait and none did before.
  void on_events(std::function<void()> arrived);
  /// `done` is called with the holders once this node's messages up to `id` are stable, or with an
  /// error when the membership, or the life in which it was sent, ends first.
  void on_stable(const protocol::message_id& id,
                 std::function<void(protocol::result<std::vector<protocol::node_id>>)> done);

  /// Events up to `position` were dealt with in an earlier life. Before anything else.
  void begin_behind(protocol::cursor position) { handed_over_ = committed_ = position; }

  // --- the orderer's side ---
  struct commands {
    std::deque<send_command> sends;
    std::deque<work> works;
    std::optional<protocol::cursor> commit;
    bool leave = false;
  };
  [[nodiscard]] commands take_commands();
  /// Gives back what the machine had no room for, in order, before anything sent since.
  void put_back(std::deque<send_command> sends);
  void put_back(std::deque<work> works);
  /// A piece of work has been done up to there.
  void note_committed(protocol::cursor up_to);
  [[nodiscard]] std::size_t room() const;
  void deliver(std::vector<protocol::group_event> events);
  [[nodiscard]] protocol::cursor handed_over() const;
  /// The stream begins behind these; see causal_group::beginning.
  void begin_at(const std::map<protocol::incarnation, protocol::sequence>& beginning);
  /// Nobody will ever answer: everything that waits gets `reason`.
  void fail(std::error_code reason);

  // --- another life of the node in the same process ---
  struct return_ticket {
    bool rejoin = false;  ///< The application is still in the group.
    protocol::causal_group::earlier_life read;
  };
  /// The machine is gone. Sends that waited are answered with `stale_epoch` (they never left), who
  /// waits for stability with `outcome_unknown`; what was handed over stays, and so do commits.
  [[nodiscard]] return_ticket begin_again(protocol::boot_epoch life);
  /// From there until the stream goes on; sends wait meanwhile.
  [[nodiscard]] bool returning() const;

  /// Set once by the node: tells the present orderer to look into this port.
  std::function<void()> wake_orderer;

private:
  struct stable_waiter {
    protocol::sequence number;
    std::function<void(protocol::result<std::vector<protocol::node_id>>)> done;
  };
  void note(const protocol::group_event& event, std::vector<std::function<void()>>& calls);
  void note_seen(const protocol::incarnation& sender, protocol::sequence number);
  void wake();

  const protocol::group_config config_;
  const protocol::group_id id_;
  mutable std::mutex mutex_;
  commands waiting_;
  bool woken_ = false;
  std::vector<protocol::group_event> events_;
  protocol::cursor handed_over_ = 0, committed_ = 0;
  std::map<protocol::incarnation, protocol::sequence>
      seen_;  // Of each sender, handed over or lost.
  std::map<protocol::incarnation, protocol::sequence>::iterator seen_last_ = seen_.end();
  std::optional<protocol::boot_epoch> life_;  // None: the first one.
  bool returning_ = false, leaving_ = false;
  std::function<void()> arrived_;
  std::vector<stable_waiter> stable_waiters_;
  protocol::sequence stable_up_to_ = 0;
  std::vector<protocol::node_id> stable_holders_;
  std::optional<std::error_code> ended_;
};

}  // namespace causerie::actors
