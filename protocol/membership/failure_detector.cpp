// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/failure_detector.hpp"

#include <algorithm>
#include <utility>

#include "protocol/membership/failure_detector_state.hpp"

namespace causerie::protocol {

using namespace swim;

failure_detector::state::state(incarnation who, membership_config settings, std::uint64_t seed)
    : self{who},
      config{std::move(settings)},
      period{std::max<duration>(config.period, std::chrono::milliseconds{1})},
      random{seed},
      relays{period / 2, config.plain_swim},
      pause{period / 2} {}

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
  if (!wanted) return s.forget(who.node);
  if (who.node == s.self.node) return;
  if (known == s.targets.end()) {
    // The first target after none: a random phase keeps nodes that start together apart.
    if (s.targets.empty())
      s.next_period = std::max(s.next_period, now + s.random.between(duration{0}, s.period));
    s.ring.add(who.node, s.random);
  }
  auto& target = s.targets[who.node];
  if (replaced) {
    if (s.ordinary && s.ordinary->probe.target().node == who.node) s.ordinary.reset();
    s.urgent.erase(who.node);
    target = {};
  }
  s.places.erase({target.address, who.node});
  s.places.emplace(address, who.node);
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
    case probe_kind::nack: s.on_nack(message); break;
  }
}

void failure_detector::on_heard(const incarnation& who, instant) {
  auto& s = *state_;
  const auto urgent = s.urgent.find(who.node);
  if ((s.ordinary && s.ordinary->probe.target() == who) ||
      (urgent != s.urgent.end() && urgent->second.probe.target() == who))
    s.settle(who, std::nullopt);
}

void failure_detector::on_self_refuted(instant now) {
  auto& s = *state_;
  s.check_pause(now);
  if (s.config.plain_swim) return;
  s.health.on_refuted();
  s.tell_health();
}

void failure_detector::on_restarted(instant now) {
  // Probes of the old actor may have been sent or not, answers may be lost: they prove nothing.
  state_->void_all(now);
}

void failure_detector::on_deadline(instant now) {
  auto& s = *state_;
  s.check_pause(now);
  s.on_time(now);
  if (!s.ordinary && now >= s.next_period) s.start_period(now);
}

std::optional<instant> failure_detector::next_deadline() const { return state_->next_deadline(); }

std::uint32_t failure_detector::health() const noexcept { return state_->health.score(); }
duration failure_detector::period() const noexcept { return state_->period; }

std::optional<failure_detector::output> failure_detector::poll() {
  if (state_->outbox.empty()) return std::nullopt;
  auto first = std::move(state_->outbox.front());
  state_->outbox.pop_front();
  return first;
}

void failure_detector::state::check_pause(instant now) {
  if (pause.away(next_deadline(), now) == duration{0} || config.plain_swim) return;
  void_all(now);
  health.on_pause();
  tell_health();
}

void failure_detector::state::forget(const node_id& node) {
  const auto known = targets.find(node);
  if (known == targets.end()) return;
  if (ordinary && ordinary->probe.target().node == node) ordinary.reset();
  urgent.erase(node);
  places.erase({known->second.address, node});
  ring.remove(node);
  targets.erase(known);
}

void failure_detector::state::void_all(instant now) {
  ordinary.reset();
  urgent.clear();
  relays.clear();
  next_period = std::max(next_period, now + period / 4);  // First read what has piled up.
}

void failure_detector::state::tell_health() {
  if (health.score() == health_told) return;
  health_told = health.score();
  outbox.push_back(health_changed{health_told});
}

void failure_detector::state::on_time(instant now) {
  send_relayed(now);
  if (ordinary && advance(*ordinary, now)) finish_failed(now);
  advance_urgent(now);
}

void failure_detector::state::start_period(instant now) {
  next_period = now + probe_period();
  if (const auto node = ring.next(random)) start_probe(*node, /*first_strike=*/std::nullopt, now);
}

void failure_detector::state::start_probe(const node_id& node, std::optional<instant> first_strike,
                                          instant now) {
  const auto& target = targets.at(node);
  const auto span = probe_period();
  const auto when = config.plain_swim
                        ? probe_timetable::plain(span)
                        : probe_timetable::ordinary(span, target.retry_after(span / 10));
  ordinary.emplace(probe_run{{target.who, random.next(), when, now},
                             first_strike.has_value(),
                             /*urgent=*/false,
                             first_strike.value_or(now),
                             {},
                             {}});
  (void)advance(*ordinary, now);
}

bool failure_detector::state::advance(probe_run& run, instant now) {
  while (const auto step = run.probe.next_step(now)) {
    switch (*step) {
      case running_probe::step::ping: send_ping(run); break;
      case running_probe::step::ask_others: choose_helpers(run); [[fallthrough]];
      case running_probe::step::ask_again: ask_helpers(run); break;
      case running_probe::step::fail: return true;
    }
  }
  return false;
}

void failure_detector::state::send_ping(const probe_run& run) {
  const auto& probe = run.probe;
  const auto& target = targets.at(probe.target().node);
  send({probe_kind::ping,
        self,
        target.address,
        probe.nonce() + probe.tries() - 1,
        target.who,
        {},
        target.suspected});
}

void failure_detector::state::choose_helpers(probe_run& run) {
  auto& helpers = run.helpers;
  for (const auto& [node, other] : targets)
    if (node != run.probe.target().node && !other.suspected) helpers.push_back(node);
  // The first k of a partial shuffle.
  const auto count = std::min(config.indirect_probes, helpers.size());
  for (std::size_t i = 0; i < count; ++i)
    std::swap(helpers[i], helpers[i + random.below(helpers.size() - i)]);
  helpers.resize(count);
  if (count < config.indirect_probes && !config.plain_swim) run.probe.ping_on();
}

void failure_detector::state::ask_helpers(const probe_run& run) {
  const auto& target = targets.at(run.probe.target().node);
  for (const auto& node : run.helpers) {
    const auto helper = targets.find(node);
    if (helper == targets.end()) continue;
    send({probe_kind::ping_request, self, helper->second.address, run.probe.nonce(), target.who,
          target.address, target.suspected});
  }
}

void failure_detector::state::finish_failed(instant now) {
  const auto run = *std::exchange(ordinary, std::nullopt);
  const auto who = run.probe.target();
  // Two strikes: on a lossy network one silent probe is no evidence, neither against the target
  // nor against this node.
  if (loss.is_lossy() && !run.second_strike && !config.plain_swim) {
    next_period = now + probe_period();
    return start_probe(who.node, run.since, now);
  }
  if (!config.plain_swim) health.on_failure(run.helpers.size(), run.nacked.size());
  tell_health();
  next_period = std::max(next_period, now + period / 10);
  outbox.push_back(probe_failed{who, refused_since(who.node, run.since)});
}

void failure_detector::state::settle(incarnation who, std::optional<duration> round_trip) {
  if (ordinary && ordinary->probe.target() == who) {
    ordinary.reset();
    health.on_success();
    tell_health();
  }
  urgent.erase(who.node);
  outbox.push_back(alive{who, round_trip});
}

duration failure_detector::state::measure(const probe_run& run, std::size_t attempt, instant now) {
  const auto round_trip = now - run.probe.sent_at(attempt);
  loss.on_answered(attempt);
  targets.at(run.probe.target().node).on_round_trip(round_trip);
  return round_trip;
}

bool failure_detector::state::answer(probe_run& run, const probe_message& ack, instant now) {
  const auto attempt = run.probe.try_of(ack.nonce);
  if (!attempt) return false;
  if (ack.from == run.probe.target()) {
    settle(ack.from, measure(run, *attempt, now));
    return true;
  }
  // Through a helper: our own pings, or their answers, were lost.
  if (!run.probe.asked_others() || ack.target != run.probe.target()) return false;
  if (!run.urgent) loss.on_lost(run.probe.tries());  // An urgent one's may still be on their way.
  settle(ack.target, std::nullopt);
  return true;
}

void failure_detector::state::on_ack(const probe_message& ack, instant now) {
  if (const auto relayed = relays.on_ack(ack)) {
    auto reply = *relayed;
    reply.from = self;
    send(reply);
    if (!config.plain_swim) send(reply);
    return;
  }
  if (ordinary && answer(*ordinary, ack, now)) return;
  for (const auto& who : {ack.from, ack.target})
    if (const auto at = urgent.find(who.node); at != urgent.end())
      if (answer(at->second, ack, now)) return;
}

void failure_detector::state::on_nack(const probe_message& nack) {
  if (!ordinary || nack.nonce != ordinary->probe.nonce()) return;
  const auto& asked = ordinary->helpers;
  if (std::find(asked.begin(), asked.end(), nack.from.node) != asked.end())
    ordinary->nacked.insert(nack.from.node);
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
  if (ordinary)
    at(ordinary->probe.next_deadline());
  else if (!targets.empty())
    at(next_period);
  for (const auto& [node, run] : urgent) at(run.probe.next_deadline());
  return next;
}

}  // namespace causerie::protocol
