// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What an application saw, and what the checker makes of it. Independent of the protocol: nothing
/// here knows a clock, a vector or a machine.
namespace causerie::checker {

/// What an entry of a history says. The names in JSON are those of the enumerators.
enum class entry_kind : std::uint8_t {
  start,         ///< First entry of a life. `peer`: the node's id, if others name it by that.
  joined,        ///< The node became a member of group `where`: its stream starts here.
  resumed,       ///< A later life of the node goes on with its durable membership of `where`: its
                 ///< stream continues behind what the earlier life delivered.
  send,          ///< Before a broadcast is handed over. `where`, `message`, `hash`.
  accepted,      ///< `message` was taken, and outlives the process. Only durable groups' histories
                 ///< say so: what was not, when a process died, may or may not exist.
  refused,       ///< The hand-over of `message` was refused: it does not exist.
  deliver,       ///< Before the application acts on a broadcast. `peer`, `peer_life`: its author;
                 ///< `number`: the author's sequence number, which gaps refer to.
  gap,           ///< Declared loss: `ranges`; `text`: the cause.
  stable,        ///< Own messages with sequence numbers up to `number` are held by `holders`.
  ended,         ///< The membership of `where` is over; `text`: why. Also after leaving.
  private_send,  ///< Before the hand-over. `where`: channel, `peer`: to whom.
  private_accepted,  ///< `message` was taken, and outlives the process: its channel is durable.
  private_refused,   ///< The hand-over was refused: the message does not exist.
  private_deliver,   ///< Before the application acts. `where`: channel, `peer`: from whom.
  outcome,           ///< Of the private `message`: `text` is delivered, not_sent or unknown.
  restart,           ///< One of the node's actors was restarted; `text`: its path. For people.
  finish,            ///< Last entry of a node that is still there when the run ends: a survivor.
};
[[nodiscard]] std::string_view name_of(entry_kind kind) noexcept;
[[nodiscard]] std::optional<entry_kind> entry_kind_of(std::string_view name) noexcept;

/// Sequence numbers `first` to `last` (inclusive) of one life of a node.
struct lost_range {
  std::string node;  ///< Name or id.
  std::uint64_t life = 0;
  std::uint64_t first = 0, last = 0;
};

/// One thing that an application did or saw. Fields that a kind does not name are empty.
struct entry {
  entry_kind kind{};
  std::int64_t at_ns = 0;  ///< Wall clock, or virtual time: one clock for all nodes of a run.
  std::string where{};     ///< Group or channel.
  std::string peer{};      ///< The other node: name or id.
  std::uint64_t peer_life = 0;
  std::string message{};   ///< The application's own id, unique in the run: "n3.1:17".
  std::uint64_t hash = 0;  ///< Of the payload: see `payload_hash`.
  std::uint64_t number = 0;
  std::int64_t held_ns =
      0;  ///< Of a delivery: how long the message had been at the node. For people.
  std::string text{};
  std::vector<lost_range> ranges{};
  std::vector<std::string> holders{};
};

/// One life (process start to process end) of one node. A killed node that comes back begins
/// another history with the same `node` and another `life`.
struct history {
  std::string node;        ///< The name it is known by in this run.
  std::uint64_t life = 0;  ///< Its boot epoch.
  std::vector<entry> entries;
};

}  // namespace causerie::checker
