// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include "tests/catch.hpp"
#include "tests/protocol/causal/group_days.hpp"

namespace causerie::protocol::test {
namespace {

group_config durable() {
  group_config config;
  config.durable = true;
  return config;
}
std::size_t resumed(group_network& net, std::size_t node) {
  std::size_t count = 0;
  for (const auto& joined : net.events_of<joined_event>(node)) count += joined.resumed ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a durable member goes on where its last life ended", "[protocol][causal][durable]") {
  group_network net{1, durable()};
  assemble(net, 3);
  say_many(net, 0, 20);
  say_many(net, 1, 20);
  net.crash(1);
  say_many(net, 0, 20);
  say_many(net, 2, 20);
  net.start_again(1);
  REQUIRE(net.run_until([&] { return net.all_active(); }, 10s));
  REQUIRE(net.run_until([&] { return net.converged(); }, 10s));
  CHECK(resumed(net, 1) == 1);
  CHECK(net.texts(1).size() == 40);  // Of the others, while it was away.
  CHECK(net.oracle.gaps() == 0);
  say_many(net, 1, 5);
  REQUIRE(net.run_until([&] { return net.converged(); }, 10s));
  CHECK(complaints(net) == none);
}

TEST_CASE("what only a dead process had said is heard when it is back",
          "[protocol][causal][durable]") {
  group_network net{2, durable()};
  assemble(net, 3);
  say_many(net, 0, 3);
  net.partition({{0, 1}});
  const auto said = net.say(0, "nobody heard this");
  REQUIRE(said);
  net.run(100ms);
  net.crash(0);
  net.heal();
  net.run(2s);
  net.start_again(0);
  REQUIRE(net.run_until([&] { return net.all_active(); }, 10s));
  REQUIRE(net.run_until([&] { return net.converged(); }, 10s));
  CHECK(net.texts(1).back() == "nobody heard this");
  CHECK(net.texts(2).back() == "nobody heard this");
  CHECK(complaints(net) == none);
}

TEST_CASE("all at once: a group that was switched off goes on", "[protocol][causal][durable]") {
  group_network net{3, durable()};
  assemble(net, 4);
  for (std::size_t node = 0; node < 4; ++node) say_many(net, node, 10);
  net.faults.loss = 0.5;
  for (std::size_t node = 0; node < 4; ++node) (void)net.say(node, "last words");
  net.run(3ms);
  for (std::size_t node = 0; node < 4; ++node) net.crash(node);
  net.faults.loss = 0;
  net.run(5s);
  for (std::size_t node = 0; node < 4; ++node) net.start_again(node);
  REQUIRE(net.run_until([&] { return net.all_active() && net.converged(); }, 30s));
  for (std::size_t node = 0; node < 4; ++node) {
    CHECK(resumed(net, node) == 1);
    say_many(net, node, 5);
  }
  REQUIRE(net.run_until([&] { return net.converged(); }, 10s));
  CHECK(net.oracle.gaps() == 0);
  CHECK(complaints(net) == none);
}

TEST_CASE("an application that had not committed reads the same again",
          "[protocol][causal][durable]") {
  group_network net{4, durable()};
  assemble(net, 2);
  net.consume(1, false);
  (void)net.say(0, "short");
  (void)net.say(0, std::string(5000, 'x'));  // In fragments.
  (void)net.say(0, "last");
  net.run(1s);
  net.crash(1);
  net.run(1s);
  net.start_again(1);
  REQUIRE(net.run_until([&] { return net.all_active(); }, 10s));
  const auto texts = net.texts(1);
  REQUIRE(texts.size() == 3);
  CHECK(texts[0] == "short");
  CHECK(texts[1] == std::string(5000, 'x'));
  CHECK(texts[2] == "last");
  CHECK(complaints(net) == none);
}

TEST_CASE("history that the application has not read outlives trimming",
          "[protocol][causal][durable]") {
  auto config = durable();
  config.history_messages_max = 0;
  group_network net{5, config};
  assemble(net, 2);
  net.consume(1, false);
  say_many(net, 0, 20, 200ms);  // Cuts are recorded each second, and trimmed to at once.
  net.run(5s);
  CHECK(net.notebook(1).image().bundles.size() >= 20);
  net.crash(1);
  net.start_again(1);
  REQUIRE(net.run_until([&] { return net.all_active(); }, 10s));
  CHECK(net.texts(1).size() == 20);
  CHECK(net.oracle.gaps() == 0);
  net.run(10s);
  CHECK(net.notebook(1).image().bundles.size() < 20);  // Once it has.
  CHECK(complaints(net) == none);
}

TEST_CASE("away for longer than the horizon costs a declared gap, nothing else",
          "[protocol][causal][durable]") {
  auto config = durable();
  config.horizon = 2s;
  config.history_messages_max = 10;
  group_network net{6, config};
  assemble(net, 3);
  say_many(net, 0, 10);
  net.run(1s);
  net.crash(2);
  say_many(net, 0, 200, 50ms);
  net.run(5s);
  net.start_again(2);
  REQUIRE(net.run_until([&] { return net.all_active() && net.converged(); }, 20s));
  CHECK_FALSE(net.events_of<gap_event>(2).empty());
  say_many(net, 2, 5);
  REQUIRE(net.run_until([&] { return net.converged(); }, 10s));
  CHECK(complaints(net) == none);
}

TEST_CASE("a log with a hole is offered to nobody, and its events are declared lost",
          "[protocol][causal][durable]") {
  group_network net{7, durable()};
  assemble(net, 2);
  net.consume(1, false);
  say_many(net, 0, 10);
  net.run(1s);
  net.crash(1);
  auto& image = net.notebook(1).image();
  REQUIRE(image.bundles.size() > 5);
  image.bundles.erase(image.bundles.begin() + 4);
  net.start_again(1);
  REQUIRE(net.run_until([&] { return net.all_active() && net.converged(); }, 10s));
  CHECK_FALSE(net.events_of<gap_event>(1).empty());
  say_many(net, 0, 5);
  say_many(net, 1, 5);
  REQUIRE(net.run_until([&] { return net.converged(); }, 10s));
  net.audit();
}

TEST_CASE("who has left in order leaves nothing to come back to", "[protocol][causal][durable]") {
  group_network net{8, durable()};
  assemble(net, 2);
  say_many(net, 1, 3);
  CHECK_FALSE(net.notebook(1).empty());
  net.at(1).leave(net.now());
  net.run(3s);
  (void)net.say(0, "goodbye");
  net.run(1s);
  CHECK(net.notebook(1).empty());
}

TEST_CASE("random crashes and returns under loss: nothing missing, doubled or out of order",
          "[protocol][causal][durable]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    INFO("seed " << seed);
    group_network net{seed, durable()};
    net.auditing = true;
    assemble(net, 4);
    net.faults = {.loss = 0.2, .duplicate = 0.1, .delay_min = 1ms, .delay_max = 40ms};
    for (int round = 0; round < 60; ++round) {
      const auto node = net.chance.below(4);
      if (net.up(node) && net.chance.chance(0.15))
        net.crash(node);
      else if (!net.up(node) && net.chance.chance(0.5))
        net.start_again(node);
      for (std::size_t who = 0; who < 4; ++who)
        if (net.up(who) && net.chance.chance(0.7))
          (void)net.say(who, fmt::format("{}.{}", round, who));
      net.run(duration{net.chance.below(300)} * 1'000'000);
    }
    net.faults = {};
    for (std::size_t node = 0; node < 4; ++node)
      if (!net.up(node)) net.start_again(node);
    const bool met = net.run_until([&] { return net.all_active() && net.converged(); }, 60s);
    if (!met) WARN(net.describe());
    REQUIRE(met);
    CHECK(net.oracle.gaps() == 0);
    CHECK(complaints(net) == none);
  }
}

}  // namespace causerie::protocol::test
