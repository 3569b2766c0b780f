// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "protocol/channel/channel_set.hpp"
#include "protocol/result.hpp"

namespace causerie::actors {

/// Where a node's applications and its channels actor meet; the private counterpart of group_port.
/// Lives in the vault: commands, messages and waiting outcomes survive the actor. Any thread.
class channel_port {
public:
  using outcome = protocol::result<protocol::send_outcome>;

  struct send_command {
    protocol::channel_key to;
    protocol::shared_bytes payload;
    protocol::duration within{};
    std::function<void(outcome)> done;          ///< Called once, on the channels actor's thread.
    std::optional<protocol::instant> deadline;  ///< Set by the actor when it first sees it.
    /// Not empty: the channel is to be durable; called when the journal has the message, before
    /// `done` and on the same thread. A refusal goes to `done` alone.
    std::function<void()> kept{};
  };
  struct message {
    protocol::channel_key from;
    protocol::channel_set::received what;
  };

  static constexpr std::size_t sends_max = 16'384;   ///< Waiting; then `would_block`.
  static constexpr std::size_t messages_max = 4096;  ///< Per name, handed over and not yet taken.

  // --- the application's side ---
  void send(send_command command);
  /// From now on messages on channels of this name are handed over; `arrived` as in group_port.
  void subscribe(const std::string& name, std::function<void()> arrived);
  [[nodiscard]] std::vector<message> take(const std::string& name);
  void commit(const protocol::channel_key& from, std::uint64_t up_to);
  /// Ends a durable channel; see protocol::channel_set::give_up. Posts that wait end with it.
  void give_up(const protocol::channel_key& to);

  // --- the actor's side ---
  struct commands {
    std::deque<send_command> sends;
    std::map<protocol::channel_key, std::uint64_t> commits;
    std::vector<protocol::channel_key> given_up;
  };
  [[nodiscard]] commands take_commands();
  void put_back(std::deque<send_command> sends);
  /// How many messages of this name may be handed over now; none when nobody subscribed.
  [[nodiscard]] std::size_t room(const std::string& name) const;
  [[nodiscard]] std::uint64_t handed_over(const protocol::channel_key& from) const;
  void deliver(const protocol::channel_key& from,
               std::vector<protocol::channel_set::received> what);
  /// Remembers whom to tell what became of a message.
  void await_outcome(std::uint64_t number, std::function<void(outcome)> done);
  void resolve(std::uint64_t number, outcome what);
  /// The first reason counts.
  void fail(std::error_code reason);
  /// The machine is gone, and another takes its place: what it had taken has an unknown outcome,
  /// what had not reached it was not sent. Positions go on, and commits of earlier ones do nothing
  /// but on channels that `go_on`, being durable: what was handed over does not come again there.
  void begin_again(const std::set<protocol::channel_key>& go_on);

  std::function<void()> wake_actor;

private:
  struct inbox {
    bool subscribed = false;
    std::vector<message> messages;
    std::function<void()> arrived;
  };
  void wake();
  void answer_all(std::deque<send_command> sends,
                  std::map<std::uint64_t, std::function<void(outcome)>> outcomes);

  mutable std::mutex mutex_;
  commands waiting_;
  bool woken_ = false;
  std::map<std::string, inbox> inboxes_;
  std::map<protocol::channel_key, std::uint64_t> handed_over_;
  std::map<protocol::channel_key, std::uint64_t> committed_;
  std::map<protocol::channel_key, std::uint64_t> earlier_;  // Positions of lives before this one.
  std::map<std::uint64_t, std::function<void(outcome)>> outcomes_;
  std::optional<std::error_code> failed_;
};

}  // namespace causerie::actors
