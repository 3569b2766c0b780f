// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <variant>
#include <vector>

#include "protocol/link/frame.hpp"
#include "protocol/link/link_config.hpp"
#include "protocol/link/link_counters.hpp"
#include "protocol/time.hpp"
#include "protocol/transport.hpp"

namespace causerie::protocol {

/// All links of one node: finds the link of a datagram, opens links on demand, shakes hands.
/// One courier owns one link_set. Pure: time and chance are arguments. One thread at a time.
class link_set {
public:
  /// Bytes to put on the wire. Drain as many as there are and send them as one batch.
  struct transmit {
    socket_address to;
    shared_bytes bytes;
  };
  /// A frame from an authenticated peer (`from` is its node in its present life).
  struct frame_received {
    incarnation from;
    frame_kind kind;
    shared_bytes body;  ///< Shares the datagram's buffer.
  };
  /// A datagram of the membership protocol: it needs no session (see membership/swim_packet.hpp).
  struct swim_received {
    socket_address from;
    shared_bytes body;  ///< Everything after the datagram's type byte.
  };
  /// A link has opened, or opened anew after either side restarted.
  struct peer_up {
    incarnation peer;
    socket_address address;
  };
  /// The peer did not answer for `link_config::unreachable_after`: its queues were given up.
  struct peer_unreachable {
    node_id peer;
  };
  struct frame_acked {
    node_id peer;
    frame_kind kind;
    std::uint64_t token;
  };
  /// A `send` on this lane answered would_block earlier; there is room again.
  struct lane_writable {
    node_id peer;
    frame_lane lane;
  };
  using output = std::variant<transmit, frame_received, swim_received, peer_up, peer_unreachable,
                              frame_acked, lane_writable>;

  link_set(incarnation self, link_config config, std::uint64_t seed);
  ~link_set();
  link_set(link_set&&) noexcept;
  link_set& operator=(link_set&&) noexcept;

  /// Malformed, foreign, replayed or unknown datagrams change nothing but a counter.
  void on_datagrams(std::span<const datagram> batch, instant now);

  /// Where a peer can be reached, as membership learnt it. A peer without an address has no link.
  void on_address(node_id peer, socket_address address, instant now);
  /// Membership holds the peer dead (or it left): stop trying, give its queues up.
  void on_peer_gone(node_id peer, instant now);

  /// Queues a frame; the link opens when it must. Errors, all leaving the set as it was:
  /// `unknown_peer` (no address), `would_block` (lane full: `lane_writable` follows), `too_large`.
  /// `fresh` frames that replace a queued one never answer would_block.
  [[nodiscard]] std::error_code send(node_id to, outgoing_frame frame, instant now);
  /// A membership datagram to an address, without a session. `body` excludes the type byte.
  void send_swim(socket_address to, shared_bytes body);

  void on_deadline(instant now);
  [[nodiscard]] std::optional<instant> next_deadline() const;
  /// Packs what is due into datagrams, as congestion control allows. Call once per batch of
  /// inputs, before draining `poll`: this is what makes frames share datagrams and acks ride along.
  void flush(instant now);
  [[nodiscard]] std::optional<output> poll();

  /// Smoothed round-trip time to an open link's peer.
  [[nodiscard]] std::optional<duration> round_trip(const node_id& peer) const;
  /// The life in which the peer's open link was made.
  [[nodiscard]] std::optional<boot_epoch> epoch_of(const node_id& peer) const;
  [[nodiscard]] const link_counters& counters() const noexcept;
  /// Closes every open link with a CLOSE frame (best effort).
  void close(instant now);

private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace causerie::protocol
