// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/actor_post.hpp"
#include "actors/application_state.hpp"
#include "actors/channel_port.hpp"
#include "actors/vault.hpp"
#include "protocol/result.hpp"

namespace causerie::actors {

/// What an application did with one message. It counts as a whole, or not at all.
struct work_effects {
  struct whisper {
    protocol::channel_key to;
    protocol::shared_bytes payload;
  };
  std::vector<protocol::shared_bytes> sends;  ///< To the group that the message came from.
  std::vector<whisper> whispers;
  application_state::writes writes;  ///< None: forgotten.
};
/// Those, or in words why there are none.
using work_result = tl::expected<work_effects, std::string>;

/// An application actor's place in the vault: the messages it has still to deal with, the one under
/// way, and its state. Its clerk may be killed at any moment: what it had under way counts for
/// nothing, and the message comes again.
///
/// Thread rule: any thread.
class application_desk : public std::enable_shared_from_this<application_desk> {
public:
  struct assignment {
    std::uint64_t ticket = 0;
    protocol::message_event message;
    protocol::cursor position = 0;
    std::uint64_t lost_before = 0;  ///< Messages declared lost right before it.
    unsigned attempt = 1;
    std::shared_ptr<const application_desk> desk;
  };
  using work_done = std::function<void(work_result)>;
  /// Begins to deal with a message; `work_done` may be called at once, later, or never.
  using work = std::function<void(const assignment&, work_done)>;
  struct dead_letter {
    protocol::message_id id;
    protocol::cursor position = 0;
    std::string why;  ///< Of the last attempt.
  };
  struct options {
    unsigned attempts_max = 3;  ///< Then the message is a dead letter, and the stream goes on.
    protocol::duration within = std::chrono::seconds{10};  ///< Sends wait for room so long.
    std::size_t state_bytes_max = 64u << 20;               ///< See application_state.
  };
  struct counters {
    std::uint64_t applied = 0, failed = 0, dead_letters = 0, abandoned = 0;
  };

  /// `journal`: of a durable group, which then keeps the state too; else none.
  application_desk(std::string name, std::shared_ptr<group_room> room,
                   std::shared_ptr<journal_desk> journal, work begin, options chosen);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::shared_ptr<group_room>& room() const noexcept { return room_; }
  [[nodiscard]] const work& handler() const noexcept { return begin_; }
  actor_post post;

  /// Events that were taken out of the port already.
  void put_first(std::deque<protocol::group_event> events);

  // --- the clerk's side ---
  /// The message to deal with now; none while one is under way, or must wait, or there is none.
  [[nodiscard]] std::optional<assignment> next(protocol::instant at);
  /// When a message that failed is to be tried again.
  [[nodiscard]] std::optional<protocol::instant> retry_at() const;
  /// Another clerk takes over: what was under way counts for nothing.
  void reopen();
  /// Hands over what was done, or that it failed. `settled` is called once that has counted, or has
  /// failed in its turn. A ticket that is no longer under way is ignored.
  void finish(std::uint64_t ticket, work_result result, channel_port& private_port,
              protocol::instant at, std::function<void()> settled);
  /// Dead letters that nobody has told people of yet.
  [[nodiscard]] std::vector<dead_letter> take_news();

  // --- anybody's ---
  /// None: nothing is kept under that key. Errors: the journal's.
  [[nodiscard]] protocol::result<application_state::value> state(const std::string& key) const {
    return state_.read(key);
  }
  [[nodiscard]] std::vector<dead_letter> dead_letters() const;
  [[nodiscard]] counters counted() const;
  /// The stream has ended, and all of it was dealt with.
  [[nodiscard]] bool ended() const;

  static constexpr std::size_t dead_letters_max = 64;  ///< Remembered; the latest.
  static constexpr std::size_t sends_max = 64;         ///< Of one message's work.
  static constexpr std::size_t bytes_max = 1u << 20;   ///< Of one message's work.

private:
  enum class stage : std::uint8_t { idle, under_way, handed_over };
  void look_ahead();
  void pass_over();
  void failed(std::string why, protocol::instant at);
  [[nodiscard]] std::string objection(const work_effects& effects) const;
  void hand_over(work_effects effects, channel_port& private_port, std::function<void()> settled);
  void applied();

  const std::string name_;
  const std::shared_ptr<group_room> room_;
  const work begin_;
  const options options_;
  application_state state_;

  mutable std::mutex mutex_;
  std::deque<protocol::group_event> waiting_;
  stage stage_ = stage::idle;
  std::uint64_t ticket_ = 0;
  std::uint64_t lost_ = 0;
  unsigned attempts_ = 0;  // At the message in front, that failed.
  std::optional<protocol::instant> retry_at_;
  bool ended_ = false;
  std::deque<dead_letter> dead_;
  std::vector<dead_letter> news_;
  counters counts_;
};

}  // namespace causerie::actors
