// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <memory>
#include <optional>

#include "protocol/link/ack_scheduler.hpp"
#include "protocol/link/frame_queue.hpp"
#include "protocol/link/loss_detection.hpp"
#include "protocol/link/pacer.hpp"
#include "protocol/link/packet_frames.hpp"
#include "protocol/link/replay_window.hpp"
#include "protocol/link/session.hpp"
#include "protocol/random.hpp"

namespace causerie::protocol {

/// One session of a link: from a handshake to the next, with packet numbers, acknowledgements,
/// loss and congestion of its own. The frames come from, and on loss go back to, the link's queue.
class connection {
public:
  struct ends {
    incarnation peer;
    session_index ours = 0, theirs = 0;
  };
  connection(const ends& between, std::unique_ptr<session> sealing, std::size_t datagram_bytes_max,
             random_source chance, instant now);

  [[nodiscard]] const incarnation& peer() const noexcept { return ends_.peer; }
  [[nodiscard]] session_index our_index() const noexcept { return ends_.ours; }
  [[nodiscard]] session_index their_index() const noexcept { return ends_.theirs; }
  [[nodiscard]] const rtt_estimator& rtt() const noexcept { return loss_.rtt(); }
  [[nodiscard]] const loss_detection& loss() const noexcept { return loss_; }

  /// Opens a packet and reads its frames; nothing of the connection changes. Errors: `duplicate`
  /// (replayed or too old), those of `session::open`, those of `packet_frames::read`.
  [[nodiscard]] std::error_code open(packet_number number, const shared_bytes& packet,
                                     packet_frames& frames) const;
  /// Applies what `open` read. Error `refused`: it acknowledges what was never sent.
  [[nodiscard]] std::error_code on_packet(packet_number number, const packet_frames& frames,
                                          instant now, frame_fates& fates,
                                          loss_detection::acked& what);

  /// The handshake's round trip.
  void on_round_trip(duration sample) noexcept { loss_.on_round_trip(sample); }
  /// The next packet carries a PING, which the peer acknowledges at once.
  void want_ping() noexcept { ping_wanted_ = true; }

  /// The next datagram that may and should go now, or none.
  [[nodiscard]] std::optional<shared_bytes> next_packet(frame_queue& queue, instant now);
  /// A last packet that says goodbye.
  [[nodiscard]] shared_bytes close_packet();

  loss_detection::timeout on_deadline(instant now, frame_fates& fates);
  [[nodiscard]] std::optional<instant> next_deadline() const noexcept;
  /// Three probe timeouts without an answer, and a quarter of a second without a sound: the peer
  /// may have forgotten this session.
  [[nodiscard]] bool stalled(instant now) const noexcept;
  /// The session ends: everything in flight counts as lost.
  void abandon(frame_fates& fates) { loss_.abandon(fates); }

private:
  struct plan {
    bool carry = false, ping = false, ack = false;
  };
  [[nodiscard]] plan plan_packet(const frame_queue& queue, instant now);
  [[nodiscard]] bool may_carry(instant now);
  void skip_now_and_then();
  void take_frames(frame_queue& queue, std::size_t bytes_left);
  [[nodiscard]] shared_bytes write_packet(std::size_t frames_bytes, const ack_frame* ack,
                                          bool ping);

  ends ends_;
  std::unique_ptr<session> session_;
  std::size_t datagram_bytes_max_;
  random_source chance_;
  loss_detection loss_;
  ack_scheduler acks_;
  ack_frame ack_;  // Scratch: of the packet that is being written.
  replay_window replay_;
  pacer pacer_;
  packet_number next_skip_;
  std::size_t probes_ = 0;  // Packets that may go whatever congestion control says.
  bool ping_wanted_ = false;
  std::optional<instant> paced_until_;
  instant heard_at_;
};

}  // namespace causerie::protocol
