// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <system_error>
#include <variant>
#include <vector>

#include "protocol/channel/channel_config.hpp"
#include "protocol/channel/channel_counters.hpp"
#include "protocol/channel/channel_keeping.hpp"
#include "protocol/channel/channel_key.hpp"
#include "protocol/link/frame.hpp"
#include "protocol/result.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol {

/// What became of a message on a private channel.
enum class send_outcome : std::uint8_t {
  delivered,  ///< The peer's application has committed it.
  not_sent,   ///< It never left this node.
  unknown,    ///< It left, no commit was seen, and the peer is dead or reborn.
};

/// All private channels of one node, both directions. FIFO per channel, exactly once within a
/// channel incarnation; channels never wait for each other. Pure. One thread at a time.
class channel_set {
public:
  struct send_frame {
    node_id to;
    outgoing_frame frame;
  };
  struct outcome {
    channel_key to;
    std::uint64_t message = 0;  ///< As `send` returned it.
    send_outcome what{};
    std::error_code reason;  ///< For not_sent and unknown.
  };
  /// Messages of this peer and name wait for the application: see `read`.
  struct messages_ready {
    channel_key from;
  };
  /// A send that answered would_block may be tried again.
  struct credit {
    channel_key to;
  };
  using output = std::variant<send_frame, outcome, messages_ready, credit>;

  channel_set(incarnation self, channel_config config, std::uint64_t seed);
  ~channel_set();
  channel_set(channel_set&&) noexcept;
  channel_set& operator=(channel_set&&) noexcept;

  /// Takes a message for the peer; returns its number (unique within this set) for its `outcome`.
  /// `request` makes a repeated call harmless (0: none). Errors: `would_block` (`credit` follows),
  /// `too_large`, `unknown_peer` for a peer held dead. `deadline`: by then an outcome is reported
  /// whatever happens (not_sent when it never left, else unknown); none: no such bound.
  [[nodiscard]] result<std::uint64_t> send(const channel_key& to, shared_bytes payload,
                                           std::uint64_t request, std::optional<instant> deadline,
                                           instant now);

  /// Makes the channel to `to` durable: what `send` takes from now on is brought over however often
  /// both ends are restarted, exactly once, as far as both have a journal. No deadline takes it
  /// back, and a dead peer is waited for. Harmless when it is durable already. Errors: `refused`
  /// when this node keeps nothing (see `restore`), `would_block` while messages sent before are on
  /// their way (try again after their outcomes), `unknown_peer`, `malformed`.
  [[nodiscard]] std::error_code make_durable(const channel_key& to, instant now);
  /// Ends a durable channel: what has left is unknown, what has not is not_sent.
  void give_up(const channel_key& to, instant now);

  /// What has to be kept before anything that came of the calls since the last time leaves this
  /// node, or reaches the application: frames, outcomes, answers to `send`. Messages may be read
  /// before: they come again until a commit is kept.
  [[nodiscard]] std::vector<channel_note> take_notes();
  /// Goes on where the last life ended; call before anything else, on a node that has a journal,
  /// also when there is nothing to go on with. From here on there are notes to be taken.
  /// The messages get new numbers; nobody waits for their outcomes.
  void restore(channels_image image, instant now);

  struct received {
    /// From 1 without holes, per (peer, name) at this node. On durable channels through all lives
    /// of this node: a later one goes on behind what was committed, and leaves out only what an
    /// ended incarnation of the channel had brought and nobody had committed.
    std::uint64_t position = 0;
    incarnation from;
    shared_bytes payload;
  };
  /// Messages after position `after`: the same answer however often it is asked.
  [[nodiscard]] std::vector<received> read(const channel_key& from, std::uint64_t after,
                                           std::size_t messages_max) const;
  /// The application has dealt with everything up to `up_to`: opens the window, tells the sender.
  void commit(const channel_key& from, std::uint64_t up_to, instant now);
  [[nodiscard]] std::uint64_t committed(const channel_key& from) const;
  /// Every (peer, name) that has messages not yet committed.
  [[nodiscard]] std::vector<channel_key> readable() const;

  std::error_code on_frame(const incarnation& from, const shared_bytes& body, instant now);
  /// A link to the peer opened or reopened.
  void on_peer_up(const incarnation& peer, instant now);
  void on_node_up(const incarnation& who, instant now);
  void on_node_down(const incarnation& who, instant now);
  void on_frame_acked(const node_id& peer, std::uint64_t token, instant now);
  void on_round_trip(const node_id& peer, duration rtt);
  /// The actor around this machine, or the courier, was restarted: frames may have died unseen.
  void on_restarted(instant now);
  /// A frame that `send_frame` asked for was refused with would_block; `on_lane_writable` follows.
  void on_lane_blocked(const node_id& peer, outgoing_frame frame);
  void on_lane_writable(const node_id& peer, instant now);

  void on_deadline(instant now);
  [[nodiscard]] std::optional<instant> next_deadline() const;
  [[nodiscard]] std::optional<output> poll();
  [[nodiscard]] const channel_counters& counters() const noexcept;
  void audit() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace causerie::protocol
