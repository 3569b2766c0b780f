// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/causal_group.hpp"

#include "tests/catch.hpp"
#include "tests/protocol/causal/group_days.hpp"

namespace causerie::protocol::test {
namespace {

TEST_CASE("a node that finds nobody founds the group after a second", "[protocol][causal]") {
  group_network net{1};
  net.start();
  net.run(900ms);
  CHECK_FALSE(net.at(0).active());
  net.run(1s);
  CHECK(net.at(0).active());
  REQUIRE(net.say(0, "hello"));
  CHECK(net.texts(0) == std::vector<std::string>{"hello"});
  CHECK(net.events_of<stable_event>(0).size() == 1);
  CHECK(complaints(net) == none);
}

TEST_CASE("a message reaches every member, its sender included", "[protocol][causal]") {
  group_network net{2};
  gather(net, 3);
  const auto said = net.say(1, "good morning");
  REQUIRE(said);
  CHECK(said->sender == net.who(1));
  net.run(1s);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(net.texts(i) == std::vector<std::string>{"good morning"});
  CHECK(net.events_of<stable_event>(1).back().holders.size() == 3);
  CHECK(complaints(net) == none);
}

TEST_CASE("an answer never overtakes its question", "[protocol][causal]") {
  group_network net{3};
  gather(net, 3);
  net.drop = [](std::size_t from, std::size_t to, byte_view body) {
    return from == 0 && to == 2 && body[16] == std::byte{1};  // The question is lost on its way.
  };
  REQUIRE(net.say(0, "question"));
  net.run(5ms);
  REQUIRE(net.say(1, "answer"));
  net.run(5ms);
  CHECK(net.texts(2).empty());
  CHECK(net.at(2).counters().pending_messages == 1);
  net.run(2s);  // Every copy from node 0 is dropped: node 1 has to help.
  CHECK(net.texts(2) == std::vector<std::string>{"question", "answer"});
  CHECK(complaints(net) == none);
}

TEST_CASE("the last message of a sender is repaired though nothing follows it",
          "[protocol][causal]") {
  group_network net{4};
  gather(net, 2);
  int lost = 0;
  net.drop = [&](std::size_t from, std::size_t, byte_view body) {
    return from == 0 && body[16] == std::byte{1} && lost++ == 0;
  };
  REQUIRE(net.say(0, "is anybody there?"));
  net.run(300ms);
  CHECK(net.texts(1) == std::vector<std::string>{"is anybody there?"});
}

TEST_CASE("nothing is missing, doubled or out of order on a bad network", "[protocol][causal]") {
  group_network net{5};
  gather(net, 5);
  net.faults = {0.3, 0.1, 1ms, 60ms, 0.1, 0.01};
  for (int i = 0; i < 300; ++i) {
    (void)net.say(net.chance.below(5), "text " + std::to_string(i));
    net.run(5ms);
  }
  CHECK(net.run_until([&] { return net.converged(); }, 20s));
  CHECK(complaints(net) == none);
  CHECK(net.oracle.gaps() == 0);
  for (std::size_t i = 0; i < 5; ++i) CHECK(net.texts(i).size() == 300);
}

TEST_CASE("an idle group is silent", "[protocol][causal]") {
  group_network net{6};
  gather(net, 10);
  net.run(120s);
  net.frames = net.timers = 0;
  net.run(60s);
  CHECK(net.frames <= 90);
  CHECK(net.timers <= 40);
}

TEST_CASE("rows stay few under traffic", "[protocol][causal]") {
  group_network net{7};
  gather(net, 10);
  net.row_frames = 0;
  for (int i = 0; i < 500; ++i) {
    (void)net.say(net.chance.below(10), "text");
    net.run(20ms);
  }
  WARN("row frames per second: " << net.row_frames / 10);
  CHECK(net.row_frames / 10 < 300);
  net.run(3s);
  CHECK(complaints(net) == none);
}

}  // namespace
}  // namespace causerie::protocol::test
