// SPDX-License-Identifier: BSL-1.0
#include "actors/failure_detector.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/stepping.hpp"

namespace causerie::actors {
namespace {

using machine = protocol::failure_detector;

struct detector_state {
  static inline const char* name = "failure_detector";
  node_handle node;
  vault_slot<machine>::lease detector;
  deadline_timer timer;
};
using pointer = failure_detector_actor::stateful_pointer<detector_state>;

struct sorted_outputs {
  probes_to_send probes;
  evidence seen;
  void operator()(machine::send_probe& x) { probes.probes.push_back(x.message); }
  void operator()(machine::alive& x) { seen.items.push_back({x.who, true, x.round_trip}); }
  void operator()(machine::probe_failed& x) { seen.items.push_back({x.who, false, {}, x.refused}); }
  void operator()(machine::health_changed& x) { seen.health = x.score; }
};

void flush(pointer self, protocol::instant at) {
  auto& [node, detector, timer] = self->state;
  sorted_outputs out;
  while (auto output = detector->poll()) std::visit(out, *output);
  const bool seen = !out.seen.items.empty() || out.seen.health;
  if (seen || !out.probes.probes.empty()) {
    const auto membership = node->staff.membership();
    if (seen) tell(membership, std::move(out.seen));
    if (!out.probes.probes.empty()) tell(membership, std::move(out.probes));
  }
  timer.arm(self, detector->next_deadline(), at);
}

failure_detector_actor::behavior_type detector(pointer self, node_handle node) {
  self->state.node = node;
  enlist<failure_detector_actor>(self, node->staff);
  self->state.detector = node->machines.detector.take();
  const auto at_work = [self](auto work) {
    const auto at = now(self);
    step(
        self, self->state.node, self->state.node->post(role::failure_detector),
        [&] { work(*self->state.detector, at); }, [&] { flush(self, at); });
  };
  at_work([&](machine& it, auto at) {
    if (node->machines.detector.taken_before()) it.on_restarted(at);
    tell(node->staff.membership(), resynchronise{role::failure_detector});
  });
  return {
      [=](const probes_received& message) {
        at_work([&](machine& it, auto at) {
          for (const auto& probe : message.probes) it.on_message(probe, at);
        });
      },
      [=](const probe_targets& message) {
        at_work([&](machine& it, auto at) {
          for (const auto& target : message.items)
            it.on_target(target.who, target.address, target.wanted, target.suspected, at);
        });
      },
      [=](const peers_heard& message) {
        at_work([&](machine& it, auto at) {
          for (const auto& who : message.peers) it.on_heard(who, at);
        });
      },
      [=](const addresses_refused& message) {
        at_work([&](machine& it, auto at) {
          for (const auto& address : message.addresses) it.on_refused(address, at);
        });
      },
      [=](const probe_hints& message) {
        at_work([&](machine& it, auto at) {
          if (message.self_refuted) it.on_self_refuted(at);
          for (const auto& who : message.accused) it.on_accused(who, at);
        });
      },
      [=](const deadline_reached& message) {
        if (!self->state.timer.fired(message)) return;
        at_work([&](machine& it, auto at) { it.on_deadline(at); });
      },
      [=](const colleague_restarted&) {},
      [=](const report_counters&) {
        const auto& it = *self->state.detector;
        const auto period = std::chrono::duration_cast<std::chrono::milliseconds>(it.period());
        return counter_list{{"health", it.health()},
                            {"period_ms", static_cast<std::uint64_t>(period.count())}};
      },
  };
}

}  // namespace

failure_detector_actor spawn_failure_detector(const node_handle& node) {
  return node->environment.system->spawn(detector, node);
}

}  // namespace causerie::actors
