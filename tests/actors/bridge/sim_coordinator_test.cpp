// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/sim_coordinator.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/bridge/node_time.hpp"
#include "protocol/random.hpp"
#include "tests/actors/bridge/actors_under_test.hpp"
#include "tests/catch.hpp"

using namespace std::chrono_literals;

namespace causerie::actors {
namespace {

using protocol::instant;

struct node {
  caf::actor_system_config config;
  std::optional<caf::actor_system> system;

  node() {
    use_sim_scheduler(config);
    system.emplace(config);
    scheduler().run_all(1000);  // CAF's own actors.
  }
  sim_coordinator& scheduler() { return sim_coordinator::of(*system); }
};

TEST_CASE("nothing happens until the simulator says so", "[actors][sim_coordinator]") {
  node n;
  std::atomic<int> ticks = 0;
  n.system->spawn(testing::make_ticker, 100ms, 2, &ticks);
  CHECK(n.scheduler().waiting() == 1);
  CHECK_FALSE(n.scheduler().next_deadline());
  n.scheduler().run_all(10);
  CHECK(n.scheduler().next_deadline() == instant{100ms});

  n.scheduler().advance_to(instant{99ms});
  CHECK(n.scheduler().waiting() == 0);
  n.scheduler().advance_to(instant{100ms});
  CHECK(n.scheduler().waiting() == 1);
  CHECK(ticks == 0);
  n.scheduler().run(0);
  CHECK(ticks == 1);
  CHECK(n.scheduler().next_deadline() == instant{200ms});
  n.scheduler().advance_to(instant{1ms});
  CHECK(n.scheduler().now() == instant{100ms});
}

TEST_CASE("a turn is one message, so that a kill fits between any two",
          "[actors][sim_coordinator]") {
  for (int handled = 0; handled <= 5; ++handled) {
    node n;
    int seen = 0;
    auto counter =
        n.system->spawn([](caf::event_based_actor*,
                           int* count) -> caf::behavior { return {[count](int) { ++*count; }}; },
                        &seen);
    for (int i = 0; i < 5; ++i) caf::anon_send(counter, i);
    while (seen < handled) n.scheduler().run(0);
    caf::anon_send<caf::message_priority::high>(
        counter, caf::exit_msg{counter.address(), caf::exit_reason::kill});
    n.scheduler().run_all(100);
    CHECK(seen == handled);
    CHECK(n.system->registry().running() == 0);
  }
}

/// Who heard whom, with three nodes that greet each other and chance deciding whose turn it is.
std::string trace_of(std::uint64_t seed) {
  protocol::random_source chance{seed};
  std::vector<std::unique_ptr<node>> nodes;
  std::vector<caf::actor> actors;
  std::string trace;
  for (int i = 0; i < 3; ++i) nodes.push_back(std::make_unique<node>());
  for (int i = 0; i < 3; ++i)
    actors.push_back(nodes[static_cast<std::size_t>(i)]->system->spawn(
        [&actors, &trace](caf::event_based_actor* self, int me) -> caf::behavior {
          self->delayed_send(self, 10ms, caf::tick_atom_v);
          return {[&actors, self, me](caf::tick_atom) {
                    for (const auto& other : actors) caf::anon_send(other, me);
                    self->delayed_send(self, 10ms, caf::tick_atom_v);
                  },
                  [&trace, me](int from) {
                    trace += std::to_string(me) + "<" + std::to_string(from) + ";";
                  }};
        },
        i));
  for (instant now{}; now < instant{1s}; now += 1ms) {
    for (auto& n : nodes) n->scheduler().advance_to(now);
    for (;;) {
      std::vector<sim_coordinator*> ready;
      for (auto& n : nodes)
        if (n->scheduler().waiting() != 0) ready.push_back(&n->scheduler());
      if (ready.empty()) break;
      auto& next = *ready[chance.below(ready.size())];
      next.run(chance.below(next.waiting()));
    }
  }
  for (auto& actor : actors) caf::anon_send_exit(actor, caf::exit_reason::kill);
  for (auto& n : nodes) n->scheduler().run_all(1000);
  actors.clear();
  return trace;
}

TEST_CASE("one seed is one schedule, another seed another", "[actors][sim_coordinator]") {
  const auto trace = trace_of(1);
  CHECK(trace.size() > 2000);
  CHECK(trace == trace_of(1));
  CHECK(trace != trace_of(2));
}

TEST_CASE("a system ends with messages and timeouts unhandled", "[actors][sim_coordinator]") {
  node n;
  std::atomic<int> ticks = 0;
  auto ticker = n.system->spawn(testing::make_ticker, 1ms, 1'000'000, &ticks);
  n.scheduler().run_all(10);
  caf::anon_send(ticker, caf::tick_atom_v);
  ticker = nullptr;
}

}  // namespace
}  // namespace causerie::actors
