// SPDX-License-Identifier: BSL-1.0
#include <string>
#include <vector>

#include "protocol/errors.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/causal/group_days.hpp"

namespace {

using namespace causerie::protocol;
using namespace causerie::protocol::test;

group_config majority(std::size_t of) {
  auto config = short_memory();
  config.require_majority = of;
  return config;
}

std::vector<bool> heard(const group_network& net, std::size_t node) {
  std::vector<bool> all;
  for (const auto& event : net.events_of<majority_event>(node)) all.push_back(event.held);
  return all;
}

constexpr auto no_majority = protocol_errc::no_majority;

}  // namespace

TEST_CASE("a minority refuses to send, and is told so", "[protocol][causal][majority]") {
  group_network net{1, majority(1)};
  assemble(net, 5);
  net.partition({{0, 0}, {1, 0}, {2, 0}, {3, 1}, {4, 1}});
  net.run(1s);
  CHECK(net.say(0, "most of us are here"));
  CHECK(net.say(4, "two of five").error() == no_majority);
  CHECK(heard(net, 0).empty());
  CHECK(heard(net, 4) == std::vector{false});
  const auto told = net.events_of<majority_event>(4).front();
  CHECK(told.here == 2);
  CHECK(told.of == 5);
  net.heal();
  REQUIRE(net.run_until([&] { return net.converged(); }, 20s));
  CHECK(heard(net, 4) == std::vector{false, true});
  CHECK(net.say(4, "all of us are here"));
  net.run(1s);
  CHECK(net.texts(4) == std::vector<std::string>{"most of us are here", "all of us are here"});
  CHECK(net.texts(0) == net.texts(4));
}

TEST_CASE("half is no majority", "[protocol][causal][majority]") {
  group_network net{2, majority(1)};
  assemble(net, 4);
  net.partition({{0, 0}, {1, 0}, {2, 1}, {3, 1}});
  net.run(1s);
  for (std::size_t i = 0; i < 4; ++i) CHECK(net.say(i, "half").error() == no_majority);
}

TEST_CASE("a minority does not become a majority by waiting, nor by letting others in",
          "[protocol][causal][majority]") {
  group_network net{3, majority(1)};
  assemble(net, 5);
  net.partition({{0, 0}, {1, 0}, {2, 0}, {3, 1}, {4, 1}});
  net.run(60s);  // The others are long due to be retired.
  CHECK(net.at(0).members().size() == 3);
  CHECK(net.at(4).members().size() == 5);
  for (int i = 0; i < 3; ++i) net.start();
  net.partition({{0, 0}, {1, 0}, {2, 0}, {3, 1}, {4, 1}, {5, 1}, {6, 1}, {7, 1}});
  net.run(20s);
  CHECK(net.say(4, "two of five").error() == no_majority);
  CHECK(net.say(0, "three of three"));
  net.heal();
  CHECK(net.run_until([&] { return net.all_active() && net.converged(); }, 60s));
  CHECK(net.say(4, "all"));
}

TEST_CASE("a member that was restarted takes its own place", "[protocol][causal][majority]") {
  group_network net{4, majority(1)};
  assemble(net, 2);
  net.crash(1);
  net.run(2s);
  CHECK(net.say(0, "alone").error() == no_majority);
  for (int life = 0; life < 3; ++life) {
    net.crash(1);
    net.start_again(1);
    REQUIRE(net.run_until([&] { return net.all_active(); }, 20s));
    net.run(100ms);
    INFO(net.describe());
    CHECK(net.say(0, "together"));
  }
}

TEST_CASE("who leaves in order is not missed", "[protocol][causal][majority]") {
  group_network net{5, majority(1)};
  assemble(net, 3);
  for (std::size_t i = 2; i > 0; --i) {
    net.at(i).leave(net.now());
    net.kill_actor(i);
    net.run(8s);
  }
  CHECK(net.say(0, "the last one"));
}

TEST_CASE("a group that knows its size waits for most of it", "[protocol][causal][majority]") {
  group_network net{6, majority(5)};
  assemble(net, 2);
  CHECK(net.say(0, "two of five").error() == no_majority);
  CHECK(heard(net, 0) == std::vector{false});
  net.start();
  REQUIRE(net.run_until([&] { return net.all_active(); }, 10s));
  net.run(1s);
  CHECK(net.say(0, "three of five"));
  CHECK(heard(net, 0) == std::vector{false, true});
}
