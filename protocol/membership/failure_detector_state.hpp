// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "protocol/membership/failure_detector.hpp"
#include "protocol/membership/local_health.hpp"
#include "protocol/membership/loss_meter.hpp"
#include "protocol/membership/pause_guard.hpp"
#include "protocol/membership/probe_relays.hpp"
#include "protocol/membership/probe_ring.hpp"
#include "protocol/membership/rate_budget.hpp"
#include "protocol/membership/running_probe.hpp"
#include "protocol/random.hpp"

namespace causerie::protocol {

/// The parts of a failure_detector and the rules between them. What refusals cause is in
/// urgent_probes.cpp.
struct failure_detector::state {
  static constexpr std::size_t urgent_per_second = 32;

  /// A probe and those who were asked to help with it.
  struct probe_run {
    swim::running_probe probe;
    bool second_strike = false, urgent = false;
    instant since;  ///< The first strike's beginning.
    std::vector<node_id> helpers;
    std::set<node_id> nacked;
  };

  state(incarnation who, membership_config settings, std::uint64_t seed);

  void start_period(instant now);
  void start_probe(const node_id& node, std::optional<instant> first_strike, instant now);
  /// True when the probe has failed.
  [[nodiscard]] bool advance(probe_run& run, instant now);
  void send_ping(const probe_run& run);
  void choose_helpers(probe_run& run);
  void ask_helpers(const probe_run& run);
  void finish_failed(instant now);
  /// Evidence of any kind that the target lives.
  void settle(incarnation who, std::optional<duration> round_trip);
  [[nodiscard]] duration measure(const probe_run& run, std::size_t attempt, instant now);

  void on_time(instant now);
  void on_ack(const probe_message& ack, instant now);
  /// False when it answers no ping of that probe.
  bool answer(probe_run& run, const probe_message& ack, instant now);
  void on_nack(const probe_message& nack);
  void on_request(const probe_message& request, instant now);
  void send_relayed(instant now);

  // Refusals (urgent_probes.cpp).
  void refused(const node_id& node, instant now);
  void probe_at_once(const node_id& node, instant now);
  void start_urgent(const node_id& node, std::optional<instant> first_strike, instant now);
  void advance_urgent(instant now);
  void finish_urgent(const node_id& node, instant now);
  [[nodiscard]] bool is_curious();
  [[nodiscard]] bool refused_since(const node_id& node, instant since) const;

  void forget(const node_id& node);
  void void_all(instant now);
  void check_pause(instant now);
  void tell_health();
  void send(probe_message message) { outbox.push_back(send_probe{std::move(message)}); }
  [[nodiscard]] std::optional<instant> next_deadline() const;
  /// T * (1 + local health).
  [[nodiscard]] duration probe_period() const noexcept { return health.scaled(period); }

  incarnation self;
  membership_config config;
  duration period;
  random_source random;
  std::map<node_id, swim::probed_member> targets;
  std::set<std::pair<socket_address, node_id>> places;  // Where the targets are.
  swim::probe_ring ring;
  std::optional<probe_run> ordinary;
  std::map<node_id, probe_run> urgent;
  swim::rate_budget urgent_budget{urgent_per_second};
  instant next_period{};
  swim::probe_relays relays;
  swim::loss_meter loss;
  swim::local_health health;
  std::uint32_t health_told = 0;
  swim::pause_guard pause;
  std::deque<output> outbox;
};

}  // namespace causerie::protocol
