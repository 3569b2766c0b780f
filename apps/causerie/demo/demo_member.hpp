// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <asio/io_context.hpp>
#include <nlohmann/json_fwd.hpp>

#include "apps/causerie/cli/units.hpp"
#include "apps/causerie/control/node_service.hpp"
#include "apps/causerie/demo/demo_text.hpp"
#include "apps/checker/history_writer.hpp"
#include "protocol/random.hpp"

namespace causerie::apps {

inline constexpr const char* demo_group = "demo";
inline constexpr const char* demo_channel = "whispers";

/// What one member of the demo is to say.
struct demo_part {
  std::string as;  ///< How it signs: unique in the run; empty: the node's name.
  std::string group = demo_group;
  std::uint64_t messages = 40;  ///< Broadcasts, and as many private texts.
  duration pause{};  ///< Between two of its broadcasts; credit may make it longer. 0: says nothing.
  std::optional<duration> whisper_pause;  ///< The same for private texts; none: as `pause`.
  duration whisper_patience{};  ///< Then a private text's outcome is settled one way or other.
  std::uint64_t seed = 1;
  std::vector<std::string> lines;
  join_options membership{};
  std::set<std::uint64_t> no_answers{};  ///< The broadcasts of these numbers answer nothing.
  std::vector<std::filesystem::path> earlier{};  ///< Diaries of the node's earlier lives.
};

/// The application of the demo in one node: says lines, answers what it hears, whispers, and writes
/// down everything it does and sees before it acts. Knows nothing of order or loss: judging that
/// is the checker's. One thread.
class demo_member {
public:
  demo_member(asio::io_context& io, causerie::node& node, demo_part part,
              checker::history_writer& diary);

  /// Joins the group and takes part in it until `finish`.
  [[nodiscard]] asio::awaitable<std::error_code> join(duration within);
  /// Begins to talk; `peers`: whom to whisper to.
  void talk(std::vector<std::string> peers);
  /// From now on it whispers to this one too.
  void whisper_also(const std::string& peer);
  /// Says nothing more by itself; what is on its way is still settled.
  void hush() { hushed_ = true; }
  /// Takes one event of the group each `interval` from now on; 0: as fast as they come.
  void read_slowly(duration interval) { slow_ = interval; }
  /// Nothing is on its way to anybody any more: the last entry of the diary.
  void finish();

  /// Where this member stands, for whoever directs the demo.
  [[nodiscard]] nlohmann::json progress() const;

private:
  struct lane;  // Private texts to one peer.

  asio::awaitable<void> take_group_events();
  asio::awaitable<void> take_whispers();
  asio::awaitable<void> say_everything();
  asio::awaitable<void> whisper_to(std::string peer, std::uint64_t count, duration apart);
  asio::awaitable<void> whisper(node_id to, std::string id, std::string text,
                                std::shared_ptr<lane> on);
  void resume();
  void take(const group_event& event);
  [[nodiscard]] bool known(const group_event& event) const;
  void hear(const protocol::message_event& event);
  void note_clock(const protocol::message_event& event);
  [[nodiscard]] std::string some_line();
  [[nodiscard]] demo_message next_message();

  asio::io_context& io_;
  causerie::node& node_;
  demo_part part_;
  checker::history_writer& diary_;
  protocol::random_source chance_;
  std::optional<group> group_;
  bool finished_ = false, hushed_ = false;
  duration slow_{};
  std::uint64_t peers_ = 0;
  std::map<std::string, std::int64_t> clock_errors_ms_;  // The worst, by author's node id.

  // Of a durable group, what earlier lives wrote down: it may be given out once more.
  std::set<std::string> heard_before_, lost_before_;
  bool joined_ = false, ended_ = false, talking_ = false;
  std::set<protocol::node_id> present_;
  std::map<std::string, std::uint64_t> heard_;  // The last index of each author.
  std::string question_;                        // The last thing heard, not answered yet.
  std::uint64_t said_ = 0, last_index_ = 0, refused_ = 0, delivered_ = 0, gaps_ = 0;
  std::uint64_t whispers_ = 0, whispers_heard_ = 0, lanes_open_ = 0;
  std::map<std::string, std::uint64_t> outcomes_;
};

}  // namespace causerie::apps
