// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "protocol/membership/failure_detector.hpp"
#include "tests/catch.hpp"

namespace causerie::protocol::test {

using namespace std::chrono_literals;

inline incarnation someone(std::uint8_t n) {
  incarnation who{{}, boot_epoch{1}};
  who.node.octets[0] = n;
  return who;
}
inline socket_address address_of(std::uint8_t n) { return socket_address::v4(10, 0, 0, n, 7450); }

/// A failure detector with its clock, and everything it has said so far.
struct detector_rig {
  explicit detector_rig(std::uint8_t targets = 1, membership_config config = {})
      : detector{someone(0), std::move(config), 1} {
    for (std::uint8_t n = 1; n <= targets; ++n)
      detector.on_target(someone(n), address_of(n), true, false, now);
  }
  void drain() {
    while (auto output = detector.poll()) {
      if (auto* sent = std::get_if<failure_detector::send_probe>(&*output))
        probes.emplace_back(now, sent->message);
      else if (auto* failed = std::get_if<failure_detector::probe_failed>(&*output))
        failures.emplace_back(now, failed->who), refused.push_back(failed->refused);
      else if (auto* seen = std::get_if<failure_detector::alive>(&*output))
        alive.push_back(*seen);
      else if (auto* changed = std::get_if<failure_detector::health_changed>(&*output))
        health_told.push_back(changed->score);
    }
  }
  /// Wakes the detector at each of its deadlines until `span` has passed.
  void run(duration span) {
    const auto until = now + span;
    for (auto next = detector.next_deadline(); next && *next <= until;
         next = detector.next_deadline()) {
      now = std::max(now, *next);
      detector.on_deadline(now);
      CHECK(*detector.next_deadline() > now);
      drain();
    }
    now = until;
  }
  /// Runs until the first message of that kind.
  probe_message run_to(probe_kind kind) {
    for (int steps = 0; steps < 1000; ++steps) {
      if (const auto found = first(kind)) return *found;
      now = *detector.next_deadline();
      detector.on_deadline(now);
      drain();
    }
    FAIL("no such message");
    return {};
  }
  std::optional<probe_message> first(probe_kind kind) const {
    for (const auto& [at, message] : probes)
      if (message.kind == kind) return message;
    return std::nullopt;
  }
  std::size_t count(probe_kind kind) const {
    return static_cast<std::size_t>(std::count_if(
        probes.begin(), probes.end(), [&](auto& sent) { return sent.second.kind == kind; }));
  }
  void acknowledge(const probe_message& ping, const incarnation& from) {
    detector.on_message({probe_kind::ack, from, address_of(1), ping.nonce, ping.target}, now);
    drain();
  }

  instant now{100s};
  failure_detector detector;
  std::vector<std::pair<instant, probe_message>> probes;
  std::vector<std::pair<instant, incarnation>> failures;
  std::vector<bool> refused;  ///< Beside each failure.
  std::vector<failure_detector::alive> alive;
  std::vector<std::uint32_t> health_told;
};

}  // namespace causerie::protocol::test
