// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/failure_detector.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include "protocol/membership/loss_meter.hpp"
#include "protocol/membership/pause_guard.hpp"
#include "protocol/membership/probe_relays.hpp"
#include "protocol/membership/probe_ring.hpp"
#include "protocol/membership/running_probe.hpp"
#include "protocol/random.hpp"

namespace causerie::protocol {

using namespace swim;

struct failure_detector::state {
  state(incarnation who, membership_config settings, std::uint64_t seed)
      : self{who},
        config{std::move(settings)},
        period{std::max<duration>(config.period, std::chrono::milliseconds{1})},
        random{seed},
        relays{period / 2},
        pause{period / 2} {}

  void start_probe(const node_id& node, instant now);
  void start_period(instant now);
  void advance(instant now);
  void perform(running_probe::step what, instant now);
  void send_ping();
  void ask_others(instant now);
  void finish_failed(instant now);
  void finish_alive(std::optional<duration> round_trip);
  void on_ack(const probe_message& ack, instant now);
  void on_request(const probe_message& request, instant now);
  void send_relayed(instant now);
  void void_all(instant now);
  void check_pause(instant now);
  void send(probe_message message);
  [[nodiscard]] std::optional<instant> next_deadline() const;
  /// T * (1 + local health); the health is always 0 until Lifeguard's multiplier is measured in.
  [[nodiscard]] duration probe_period() const noexcept { return period; }

  incarnation self;
  membership_config config;
  duration period;
  random_source random;
  std::map<node_id, probed_member> targets;
  probe_ring ring;
  std::optional<running_probe> probe;
  std::vector<node_id> helpers;
  bool second_strike = false;
  instant next_period{};
  probe_relays relays;
  loss_meter loss;
  pause_guard pause;
  std::deque<output> outbox;
};

failure_detector::failure_detector(incarnation self, membership_config config, std::uint64_t seed)
    : state_{std::make_unique<state>(self, std::move(config), seed)} {}
failure_detector::~failure_detector() = default;
failure_detector::failure_detector(failure_detector&&) noexcept = default;
failure_detector& failure_detector::operator=(failure_detector&&) noexcept = default;

void failure_detector::on_target(const incarnation& who, socket_address address, bool wanted,
                                 bool suspected, instant now) {
  auto& s = *state_;
  const auto known = s.targets.find(who.node);
  const auto replaced = known != s.targets.end() && known->second.who != who;
  if (s.probe && s.probe->target().node == who.node && (!wanted || replaced)) s.probe.reset();
  if (!wanted) {
    if (known == s.targets.end()) return;
    s.targets.erase(known);
    s.ring.remove(who.node);
    return;
  }
  if (who.node == s.self.node) return;
  if (known == s.targets.end()) {
    // The first target after none: a random phase keeps nodes that start together apart.
    if (s.targets.empty())
      s.next_period = std::max(s.next_period, now + s.random.between(duration{0}, s.period));
    s.ring.add(who.node, s.random);
  }
  auto& target = s.targets[who.node];
  if (replaced) target = {};
  target.who = who;
  target.address = address;
  target.suspected = suspected;
}

void failure_detector::on_message(const probe_message& message, instant now) {
  auto& s = *state_;
  s.check_pause(now);
  switch (message.kind) {
    case probe_kind::ping:
      if (message.target == s.self)
        s.send({probe_kind::ack, s.self, message.address, message.nonce, message.from});
      break;
    case probe_kind::ack: s.on_ack(message, now); break;
    case probe_kind::ping_request: s.on_request(message, now); break;
    case probe_kind::nack: break;  // Says that the helper is well: for the local health.
  }
}

void failure_detector::on_heard(const incarnation& who, instant) {
  auto& s = *state_;
  if (s.probe && s.probe->target() == who) s.finish_alive(std::nullopt);
}

void failure_detector::on_restarted(instant now) {
  // Probes of the old actor may have been sent or not, answers may be lost: they prove nothing.
  state_->void_all(now);
}

void failure_detector::on_deadline(instant now) {
  auto& s = *state_;
  s.check_pause(now);
  s.send_relayed(now);
  s.advance(now);
  if (!s.probe && now >= s.next_period) s.start_period(now);
}

std::optional<instant> failure_detector::next_deadline() const { return state_->next_deadline(); }

std::optional<failure_detector::output> failure_detector::poll() {
  if (state_->outbox.empty()) return std::nullopt;
  auto first = std::move(state_->outbox.front());
  state_->outbox.pop_front();
  return first;
}

void failure_detector::state::send(probe_message message) {
  outbox.push_back(send_probe{std::move(message)});
}

void failure_detector::state::check_pause(instant now) {
  if (pause.away(next_deadline(), now) > duration{0}) void_all(now);
}

void failure_detector::state::void_all(instant now) {
  probe.reset();
  second_strike = false;
  relays.clear();
  next_period = std::max(next_period, now + period / 4);  // First read what has piled up.
}

void failure_detector::state::start_period(instant now) {
  next_period = now + probe_period();
  second_strike = false;
  if (const auto node = ring.next(random)) start_probe(*node, now);
}

void failure_detector::state::start_probe(const node_id& node, instant now) {
  const auto& target = targets.at(node);
  const auto spacing = target.retry_after(period / 10);
  probe.emplace(target.who, random.next(), spacing, period, now);
  advance(now);
}

void failure_detector::state::advance(instant now) {
  while (probe) {
    const auto step = probe->next_step(now);
    if (!step) return;
    perform(*step, now);
  }
}

void failure_detector::state::perform(running_probe::step what, instant now) {
  switch (what) {
    case running_probe::step::ping: return send_ping();
    case running_probe::step::ask_others: helpers.clear(); [[fallthrough]];
    case running_probe::step::ask_again: return ask_others(now);
    case running_probe::step::fail: return finish_failed(now);
  }
}

void failure_detector::state::send_ping() {
  const auto& target = targets.at(probe->target().node);
  send({probe_kind::ping,
        self,
        target.address,
        probe->nonce() + probe->tries() - 1,
        target.who,
        {},
        target.suspected});
}

void failure_detector::state::ask_others(instant) {
  const auto& target = targets.at(probe->target().node);
  if (helpers.empty()) {
    for (const auto& [node, other] : targets)
      if (node != target.who.node && !other.suspected) helpers.push_back(node);
    // The first k of a partial shuffle.
    const auto count = std::min(config.indirect_probes, helpers.size());
    for (std::size_t i = 0; i < count; ++i)
      std::swap(helpers[i], helpers[i + random.below(helpers.size() - i)]);
    helpers.resize(count);
    if (count < config.indirect_probes) probe->ping_on();
  }
  for (const auto& node : helpers) {
    const auto helper = targets.find(node);
    if (helper == targets.end()) continue;
    send({probe_kind::ping_request, self, helper->second.address, probe->nonce(), target.who,
          target.address, target.suspected});
  }
}

void failure_detector::state::finish_failed(instant now) {
  const auto who = probe->target();
  probe.reset();
  // Two strikes: on a lossy network one silent probe is no evidence.
  if (loss.is_lossy() && !second_strike) {
    second_strike = true;
    next_period = now + probe_period();
    start_probe(who.node, now);
    return;
  }
  second_strike = false;
  next_period = std::max(next_period, now + period / 10);
  outbox.push_back(probe_failed{who});
}

void failure_detector::state::finish_alive(std::optional<duration> round_trip) {
  const auto who = probe->target();
  probe.reset();
  second_strike = false;
  outbox.push_back(alive{who, round_trip});
}

void failure_detector::state::on_ack(const probe_message& ack, instant now) {
  if (const auto relayed = relays.on_ack(ack)) {
    auto reply = *relayed;
    reply.from = self;
    send(reply);
    send(reply);
    return;
  }
  if (!probe) return;
  const auto attempt = probe->try_of(ack.nonce);
  if (!attempt) return;
  if (ack.from != probe->target()) {
    // Through a helper: our own pings, or their answers, were lost.
    if (!probe->asked_others() || ack.target != probe->target()) return;
    loss.on_lost(probe->tries());
    return finish_alive(std::nullopt);
  }
  loss.on_answered(*attempt);
  const auto round_trip = now - probe->sent_at(*attempt);
  targets.at(ack.from.node).on_round_trip(round_trip);
  finish_alive(round_trip);
}

void failure_detector::state::on_request(const probe_message& request, instant now) {
  // Only members we know are pinged, so that nobody makes us send elsewhere.
  const auto target = targets.find(request.target.node);
  if (target == targets.end() || target->second.who != request.target) {
    send({probe_kind::nack, self, request.address, request.nonce, request.target});
    return;
  }
  if (relays.start(request, target->second.address, random.next(), now)) send_relayed(now);
}

void failure_detector::state::send_relayed(instant now) {
  for (auto& message : relays.due(self, now)) send(std::move(message));
}

std::optional<instant> failure_detector::state::next_deadline() const {
  auto next = relays.next_deadline();
  const auto at = [&next](instant due) { next = next ? std::min(*next, due) : due; };
  if (probe)
    at(probe->next_deadline());
  else if (!targets.empty())
    at(next_period);
  return next;
}

}  // namespace causerie::protocol
