// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "protocol/membership/swim_packet.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol::swim {

/// Pings on behalf of others (SWIM, section 3.1): three pings for each asker, an ACK passed on
/// twice; a NACK, twice as well, when the target has been silent for most of the time that remains
/// to an asker who was heard only the second time (Lifeguard). An ACK that comes after it is passed
/// on nevertheless.
class probe_relays {
public:
  static constexpr std::size_t running_max = 64;
  static constexpr std::size_t pings_max = 3;

  /// `patience`: how long an asker waits for us; half a period. `plain`: one ping, one ACK, no
  /// NACK.
  explicit probe_relays(duration patience, bool plain = false) noexcept
      : patience_{patience}, pings_{plain ? 1 : pings_max}, nacks_{!plain} {}

  /// Begins a relay. False when it runs already or too many do. `nonce` is ours, for the target.
  bool start(const probe_message& request, socket_address target_address, std::uint64_t nonce,
             instant now);
  /// The ACK of a relay's ping: what to pass on to the asker, none when it is no relay's.
  [[nodiscard]] std::optional<probe_message> on_ack(const probe_message& ack);
  /// Pings and NACKs that are due, ready to be sent.
  [[nodiscard]] std::vector<probe_message> due(const incarnation& self, instant now);
  [[nodiscard]] std::optional<instant> next_deadline() const;
  /// Whether that member is being pinged for somebody.
  [[nodiscard]] bool pings(const node_id& target) const;
  void clear() noexcept { running_.clear(); }

private:
  struct relay {
    probe_message request;
    socket_address target_address;
    instant next_ping, nack_at, give_up;
    std::size_t pings = 0;
    bool nacked = false;
  };
  [[nodiscard]] instant next_deadline(const relay& running) const noexcept;

  duration patience_;
  std::size_t pings_;
  bool nacks_;
  std::map<std::uint64_t, relay> running_;  // By our nonce.
};

}  // namespace causerie::protocol::swim
