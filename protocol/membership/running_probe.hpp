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
  std::optional<instant> refused_at;  ///< Its host said last that nobody listens.
  std::optional<instant> urgent_at;   ///< When it was last probed at once ...
  std::optional<instant> drawn_at;    ///< ... and when chance was last asked whether to.

  void on_round_trip(duration sample) noexcept;
  /// The wait before a ping is repeated: srtt + 4 * rttvar, at least `floor`.
  [[nodiscard]] duration retry_after(duration floor) const noexcept;
};

/// What a probe does when. Each wait begins when the step before it was really taken, however late
/// the timers came; plain SWIM's when it should have been.
struct probe_timetable {
  duration spacing{};          ///< Between two pings.
  duration ask_after{};        ///< From the first ping on until others are asked to ping.
  duration ask_again_after{};  ///< From then on until they are asked once more.
  duration verdict_after{};    ///< From the last asking on.
  std::size_t direct_tries = 4;
  std::size_t tries_while_asking = 0;  ///< In all, the direct ones included.
  std::size_t asks = 2;
  bool by_the_clock = false;

  /// Direct pings in the first half of the period, then others are asked.
  [[nodiscard]] static probe_timetable ordinary(duration period, duration retry_after) noexcept;
  /// Everything at once and soon, though no answer is given less time than it needs: for a target
  /// whose host has said that nobody listens.
  [[nodiscard]] static probe_timetable urgent(duration period, duration retry_after) noexcept;
  /// Plain SWIM: one datagram each way.
  [[nodiscard]] static probe_timetable plain(duration period) noexcept;
};

/// One probe from its first ping to its verdict.
class running_probe {
public:
  static constexpr std::size_t tries_max = 8;  ///< Each with a nonce of its own.

  enum class step : std::uint8_t { ping, ask_others, ask_again, fail };

  running_probe(incarnation target, std::uint64_t nonce, const probe_timetable& when, instant now);

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
  probe_timetable when_;
  instant next_ping_, next_ask_;
  std::array<instant, tries_max> sent_at_{};
  std::size_t tries_ = 0;
  std::size_t asked_ = 0;
  bool pinging_on_ = false, judged_ = false;
};

}  // namespace causerie::protocol::swim
