// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

#include "protocol/link/congestion.hpp"
#include "protocol/link/rtt_estimator.hpp"
#include "protocol/link/sent_packets.hpp"

namespace causerie::protocol {

/// Which packets were lost, and when to probe: RFC 9002, sections 5 to 7 and appendix A, for one
/// packet number space. A probe timer runs whenever something is unacknowledged.
///
/// On near paths a loss while the RTT has not grown is chance, not congestion, and does not shrink
/// the window.
class loss_detection {
public:
  static constexpr packet_number packet_threshold = 3;
  static constexpr duration probe_timeout_max = std::chrono::seconds{3};

  explicit loss_detection(std::unique_ptr<congestion> controller) noexcept
      : congestion_{std::move(controller)} {}

  [[nodiscard]] sent_packets& sent() noexcept { return sent_; }
  [[nodiscard]] const rtt_estimator& rtt() const noexcept { return rtt_; }
  [[nodiscard]] std::size_t window_bytes() const { return congestion_->window_bytes(); }
  [[nodiscard]] std::size_t in_flight_bytes() const noexcept { return in_flight_bytes_; }
  [[nodiscard]] bool has_room_for(std::size_t bytes) const {
    return in_flight_bytes_ + bytes <= congestion_->window_bytes();
  }
  /// Probe timeouts since something was last acknowledged.
  [[nodiscard]] unsigned probe_count() const noexcept { return probe_count_; }

  /// Another way to measure the path: the handshake.
  void on_round_trip(duration sample) noexcept { rtt_.on_sample(sample, duration{}); }
  /// An ack-eliciting packet goes out with the frames added to `sent()`.
  void on_sent(instant now, std::size_t bytes, std::optional<packet_number> acked_up_to);

  struct acked {
    bool progress = false;                     ///< At least one packet newly acknowledged.
    std::optional<packet_number> acked_up_to;  ///< Our newest ACK that the peer has seen.
    std::size_t packets_lost = 0;
  };
  /// Ranges newest first. Error `refused`, nothing changed: an ACK for a packet never sent.
  [[nodiscard]] std::error_code on_ack(std::span<const packet_range> ranges, duration delay,
                                       instant now, frame_fates& fates, acked& what);

  enum class timer : std::uint8_t { none, loss, probe };
  struct timeout {
    timer what = timer::none;
    std::size_t packets_lost = 0;
  };
  timeout on_deadline(instant now, frame_fates& fates);
  [[nodiscard]] std::optional<instant> next_deadline() const noexcept;

  /// Takes the frames of the oldest packet that has any, for a probe; false: there are none.
  bool take_oldest_frames(frame_fates& fates);
  /// The session ends: everything in flight counts as lost.
  void abandon(frame_fates& fates);

private:
  struct acked_packet {
    std::size_t bytes = 0;
    instant sent_at{};
  };
  void settle_acked(sent_packets::entry& packet, frame_fates& fates, acked& what);
  std::size_t detect_lost(instant now, frame_fates& fates);
  void react_to_loss(instant oldest, instant newest, instant now);
  void lose(sent_packets::entry& packet, frame_fates& fates);
  bool take_frames(sent_packets::entry& packet, frame_fates& fates);
  [[nodiscard]] duration probe_timeout() const noexcept;

  sent_packets sent_;
  rtt_estimator rtt_;
  std::unique_ptr<congestion> congestion_;
  std::optional<packet_number> largest_acked_;
  std::optional<instant> loss_at_, last_sent_at_;
  std::size_t in_flight_bytes_ = 0;
  std::size_t outstanding_ = 0;  // Packets.
  unsigned probe_count_ = 0;
  std::vector<acked_packet> acked_now_;  // Scratch of `on_ack`.
};

}  // namespace causerie::protocol
