// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "protocol/membership/membership_config.hpp"
#include "protocol/membership/swim_packet.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol {

/// SWIM failure detector: one member probed a period, directly and then through others.
/// Das, Gupta, Motivala, "SWIM", DSN 2002, section 3; Dadgar, Phillips, Currey, "Lifeguard", 2018,
/// section IV-A. It gives evidence, it judges nobody: suspicion is the member_table's. Pure. One
/// thread at a time.
class failure_detector {
public:
  /// To be packed by `member_table::pack` and sent to `message.address`.
  struct send_probe {
    probe_message message;
  };
  struct alive {
    incarnation who;
    std::optional<duration> round_trip;
  };
  struct probe_failed {
    incarnation who;
    bool refused = false;  ///< And its host has said meanwhile that nobody listens there.
  };
  /// For people: see `health`.
  struct health_changed {
    std::uint32_t score = 0;
  };
  using output = std::variant<send_probe, alive, probe_failed, health_changed>;

  failure_detector(incarnation self, membership_config config, std::uint64_t seed);
  ~failure_detector();
  failure_detector(failure_detector&&) noexcept;
  failure_detector& operator=(failure_detector&&) noexcept;

  /// Follows `member_table::probe_target`.
  void on_target(const incarnation& who, socket_address address, bool wanted, bool suspected,
                 instant now);
  void on_message(const probe_message& message, instant now);
  /// A session packet straight from the peer: an implicit ACK of a running probe.
  void on_heard(const incarnation& who, instant now);

  /// A host says that nobody listens at an address (ICMP): whoever should be there is probed at
  /// once, beside the ordinary probes. Anybody can forge such a message, so that it proves nothing,
  /// and there is one such probe a target and period, and so many a second for all.
  void on_refused(const socket_address& where, instant now);
  /// Another member accuses this one and was told so too: see for yourself, at once.
  void on_accused(const incarnation& who, instant now);
  /// This node had to refute its own suspicion or death.
  void on_self_refuted(instant now);

  void on_restarted(instant now);
  void on_deadline(instant now);
  [[nodiscard]] std::optional<instant> next_deadline() const;
  [[nodiscard]] std::optional<output> poll();
  /// Local health multiplier: 0 (well) to 7; every period and timeout is 1 + that times as long.
  [[nodiscard]] std::uint32_t health() const noexcept;
  /// How often it probes while it is well.
  [[nodiscard]] duration period() const noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace causerie::protocol
