// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "protocol/address.hpp"
#include "protocol/ids.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol::swim {

/// Whom to probe and how far away it is.
struct probed_member {
  incarnation who;
  socket_address address;
  bool suspected = false;
  std::optional<duration> smoothed_rtt;  ///< RFC 6298.
  duration rtt_variation{};

  void on_round_trip(duration sample) noexcept;
  /// The wait before a ping is repeated: srtt + 4 * rttvar, at least `floor`.
  [[nodiscard]] duration retry_after(duration floor) const noexcept;
};

/// One probe from its first ping to its verdict. Direct pings in the first half of the period, then
/// others are asked; the verdict is half a period after they were, however late the timers come.
class running_probe {
public:
  static constexpr std::size_t tries_max = 8;         ///< Each with a nonce of its own.
  static constexpr std::size_t direct_tries_max = 4;  ///< In the first half of the period.

  enum class step : std::uint8_t { ping, ask_others, ask_again, fail };

  running_probe(incarnation target, std::uint64_t nonce, duration spacing, duration period,
                instant now);

  [[nodiscard]] const incarnation& target() const noexcept { return target_; }
  /// The nonce of the first ping; the n-th ping's is n higher.
  [[nodiscard]] std::uint64_t nonce() const noexcept { return nonce_; }
  [[nodiscard]] std::size_t tries() const noexcept { return tries_; }
  [[nodiscard]] bool asked_others() const noexcept { return asked_ != 0; }
  /// Which ping an ACK answers, if any of ours.
  [[nodiscard]] std::optional<std::size_t> try_of(std::uint64_t nonce) const noexcept;
  [[nodiscard]] instant sent_at(std::size_t attempt) const noexcept { return sent_at_[attempt]; }

  /// What is to be done now, if anything; counts it as done. A `ping` gets the nonce
  /// `nonce() + tries() - 1`. Nothing follows `fail`.
  [[nodiscard]] std::optional<step> next_step(instant now);
  [[nodiscard]] instant next_deadline() const noexcept;
  /// There are too few others to ask: go on pinging while they are.
  void ping_on() noexcept { pinging_on_ = true; }

private:
  [[nodiscard]] bool may_ping() const noexcept;

  incarnation target_;
  std::uint64_t nonce_;
  duration spacing_, half_;
  instant began_, next_ping_, next_ask_;
  std::array<instant, tries_max> sent_at_{};
  std::size_t tries_ = 0;
  std::size_t asked_ = 0;
  bool pinging_on_ = false;
};

}  // namespace causerie::protocol::swim
