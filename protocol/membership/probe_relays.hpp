// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "protocol/membership/swim_packet.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol::swim {

/// Pings on behalf of others (SWIM, section 3.1): three pings for each asker, an ACK passed on
/// twice, a NACK when the target has been silent for most of the asker's patience (Lifeguard).
class probe_relays {
public:
  static constexpr std::size_t running_max = 64;
  static constexpr std::size_t pings_max = 3;

  /// `patience`: how long an asker waits for us; half a period.
  explicit probe_relays(duration patience) noexcept : patience_{patience} {}

  /// Begins a relay. False when it runs already or too many do. `nonce` is ours, for the target.
  bool start(const probe_message& request, socket_address target_address, std::uint64_t nonce,
             instant now);
  /// The ACK of a relay's ping: what to pass on to the asker, none when it is no relay's.
  [[nodiscard]] std::optional<probe_message> on_ack(const probe_message& ack);
  /// Pings and NACKs that are due, ready to be sent.
  [[nodiscard]] std::vector<probe_message> due(const incarnation& self, instant now);
  [[nodiscard]] std::optional<instant> next_deadline() const;
  void clear() noexcept { running_.clear(); }

private:
  struct relay {
    probe_message request;
    socket_address target_address;
    instant next_ping, give_up;
    std::size_t pings = 0;
  };
  duration patience_;
  std::map<std::uint64_t, relay> running_;  // By our nonce.
};

}  // namespace causerie::protocol::swim
