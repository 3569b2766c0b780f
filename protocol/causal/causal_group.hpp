// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

#include "protocol/causal/group_config.hpp"
#include "protocol/causal/group_counters.hpp"
#include "protocol/causal/group_event.hpp"
#include "protocol/causal/group_keeping.hpp"
#include "protocol/causal/member_standing.hpp"
#include "protocol/causal/message_explanation.hpp"
#include "protocol/link/frame.hpp"
#include "protocol/result.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol {

/// One group as one member runs it: causal order, repair, stability, joins, leaves, gaps.
/// Pure. One thread at a time. After every `on_` call or command: drain `poll`, ask
/// `next_deadline`.
class causal_group {
public:
  /// The same frame to several members: encoded once.
  struct send_frames {
    std::vector<node_id> to;
    outgoing_frame frame;
  };
  /// Too large for a frame: as one message on the internal private channel to that node.
  /// May be lost when an actor dies; the machine asks again.
  struct send_internal {
    node_id to;
    shared_bytes body;
  };
  /// Events wait for the application: see `read`.
  struct events_ready {};
  /// A send that answered would_block may be tried again.
  struct credit {};
  /// Tell other nodes, through membership gossip, that this node is (or is no more) in the group.
  struct announce {
    bool present = false;
  };
  using output = std::variant<send_frames, send_internal, events_ready, credit, announce>;

  /// How far the application of an earlier life had come.
  struct earlier_life {
    cursor last = 0;                          ///< The last event that it was given.
    std::map<incarnation, sequence> senders;  ///< Of each sender, what needs no further word.
  };

  causal_group(incarnation self, group_config config, std::uint64_t seed);
  ~causal_group();
  causal_group(causal_group&&) noexcept;
  causal_group& operator=(causal_group&&) noexcept;

  [[nodiscard]] const group_id& id() const noexcept;

  /// The next life of a durable group goes on where `image` ends. Before `join`, and only then.
  void restore(group_image image, instant now);
  /// This life follows one whose memory is gone, while its application is still there: the stream
  /// goes on behind the application's last event, with a gap of cause `restart` that names what
  /// came meanwhile, and `joined`. Before `join`, and not of a durable group.
  void follow(earlier_life before, instant now);
  /// Where the stream begins: of each sender how many messages were never owed to it, and of those
  /// that are gone how many there were.
  [[nodiscard]] std::map<incarnation, sequence> beginning() const;
  /// What to keep of a durable group since the last call; nothing of any other. Call it when `poll`
  /// has answered none. What `poll`, `send` and `read` gave since the call before may leave the
  /// node or reach the application once these are kept, not before.
  [[nodiscard]] std::vector<group_note> take_notes();
  /// Whether this is a later life that is not a member again yet.
  [[nodiscard]] bool resuming() const noexcept;

  /// Starts to join, or to found when nobody is there. Progress shows as events.
  void join(instant now);
  /// Says LEAVE as the last message and ends the stream once it is stable, or after 5 s.
  void leave(instant now);

  /// Takes a message into the group; `request` makes a repeated call harmless (0: none): the last
  /// 1024 request ids are remembered and answer with the id given first.
  /// Errors: `would_block` (`credit` follows), `too_large`, `not_a_member` (not active yet, or
  /// left).
  [[nodiscard]] result<message_id> send(shared_bytes payload, std::uint64_t request, wall_time wall,
                                        instant now);

  /// Several messages in a row, or none of them: errors as of `send`. They may take a little more
  /// room than there is, so that no number of them is too many for ever.
  [[nodiscard]] result<std::vector<message_id>> send_together(
      std::span<const shared_bytes> payloads, wall_time wall, instant now);

  /// Events after `after`, at most `events_max`: the same answer however often it is asked.
  [[nodiscard]] std::vector<group_event> read(cursor after, std::size_t events_max) const;
  /// The application has dealt with everything up to and including `up_to`: frees their place.
  void commit(cursor up_to, instant now);
  [[nodiscard]] cursor committed() const noexcept;

  /// A frame of kind `group` for this group (see `group_of`). Nonsense is an error, counted, no
  /// change.
  std::error_code on_frame(const incarnation& from, const shared_bytes& body, instant now);
  /// A message of the internal channel (`send_internal` of another member).
  std::error_code on_internal(const incarnation& from, const shared_bytes& body, instant now);
  /// The nodes that say they are in this group. `complete`: membership has finished its first
  /// exchange with somebody (or knows to be alone), so that nobody may be missing for long.
  void on_directory(std::span<const incarnation> present, bool complete, instant now);
  /// Membership's view of a node: up (in this life), or presumed dead.
  void on_node_up(const incarnation& who, instant now);
  void on_node_down(const incarnation& who, instant now);
  /// A link opened or reopened: deltas against rows sent before may not have arrived.
  void on_peer_up(const incarnation& who, instant now);
  void on_frame_acked(const node_id& peer, std::uint64_t token, instant now);
  /// Smoothed round trip, for the repair timers.
  void on_round_trip(const node_id& peer, duration rtt);
  /// The actor around this machine, or the courier, was restarted: frames may have died unseen.
  void on_restarted(instant now);

  void on_deadline(instant now);
  [[nodiscard]] std::optional<instant> next_deadline() const;
  [[nodiscard]] std::optional<output> poll();

  struct member_view {
    incarnation who;
    member_standing standing{};
    sequence delivered = 0;  ///< Highest sequence of this member that we delivered.
  };
  [[nodiscard]] std::vector<member_view> members() const;
  [[nodiscard]] bool active() const noexcept;
  [[nodiscard]] const group_counters& counters() const noexcept;
  /// What became of a message here, or what it waits for. Changes nothing. O(what is held back).
  [[nodiscard]] message_explanation explain(const message_id& id) const;
  /// Throws `broken_invariant` when the state contradicts itself. O(state): for simulations.
  void audit() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// The group a frame of kind `group` (or an internal message) is for; none when it is malformed.
[[nodiscard]] std::optional<group_id> group_of(byte_view body);

}  // namespace causerie::protocol
