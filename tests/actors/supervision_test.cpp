// SPDX-License-Identifier: BSL-1.0
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <set>

#include "tests/actors/cluster.hpp"
#include "tests/catch.hpp"

using namespace causerie;
using namespace std::chrono_literals;

namespace {

std::size_t joined_with(const test::cluster::machine_host& host) {
  const auto* joined = std::get_if<protocol::joined_event>(&host.stream.front().what);
  return joined == nullptr ? 0 : joined->members.size();
}

/// Each sender's texts ("sender:number") in ascending order, every one once.
void check_fifo_and_complete(const std::vector<std::string>& heard, std::size_t senders,
                             std::size_t each) {
  CHECK(heard.size() == senders * each);
  CHECK(std::set<std::string>(heard.begin(), heard.end()).size() == heard.size());
  std::map<std::string, int> last;
  for (const auto& text : heard) {
    const auto colon = text.find(':');
    const auto number = std::stoi(text.substr(colon + 1));
    auto& before = last[text.substr(0, colon)];
    CHECK(number > before);
    before = number;
  }
}

}  // namespace

TEST_CASE("what one node says, all hear once and in order", "[actors][node_core]") {
  test::cluster nodes{{.nodes = 3}};
  REQUIRE(nodes.gather(test::cluster::joining::at_once));
  for (int i = 1; i <= 50; ++i) nodes.say(0, "0:" + std::to_string(i));
  REQUIRE(nodes.run_until([&] {
    return nodes.heard(0).size() == 50 && nodes.heard(1).size() == 50 &&
           nodes.heard(2).size() == 50;
  }));
  for (std::size_t i = 0; i < 3; ++i) check_fifo_and_complete(nodes.heard(i), 1, 50);
}

TEST_CASE("killing any actor, over and over under traffic, loses, doubles and reorders nothing",
          "[actors][guardian]") {
  const std::string victim =
      GENERATE("courier", "failure_detector", "membership", "channels", "groups/lobby", "guardian");
  CAPTURE(victim);
  test::cluster nodes{{.nodes = 4, .loss = 0.1, .seed = 7}};
  REQUIRE(nodes.gather(test::cluster::joining::at_once));
  constexpr int each = 60;
  for (int i = 1; i <= each; ++i) {
    for (std::size_t n = 0; n < nodes.size(); ++n)
      nodes.say(n, std::to_string(n) + ":" + std::to_string(i));
    CHECK(nodes.at(nodes.chance().below(nodes.size())).node->kill(victim));
    nodes.run_for(nodes.chance().between(protocol::duration{1ms}, 40ms));
  }
  CHECK(nodes.run_until(
      [&] {
        for (std::size_t n = 0; n < nodes.size(); ++n)
          if (nodes.heard(n).size() < nodes.size() * each) return false;
        return true;
      },
      60s));
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    CAPTURE(n);
    check_fifo_and_complete(nodes.heard(n), nodes.size(), each);
    CHECK(nodes.at(n).failures.empty());
    for (const auto& actor : nodes.at(n).node->actors()) CHECK(actor.alive);
  }
}

TEST_CASE("private messages survive the death of either side's channels actor",
          "[actors][channels]") {
  test::cluster nodes{{.nodes = 2, .loss = 0.1, .seed = 3}};
  REQUIRE(nodes.gather(test::cluster::joining::at_once));
  auto& from = nodes.at(0).node->private_port();
  auto& to = nodes.at(1).node->private_port();
  const auto peer = nodes.at(1).node->context()->environment.self.node;
  to.subscribe("main", [] {});
  int delivered = 0;
  std::vector<std::string> heard;
  const auto read = [&] {
    for (auto& message : to.take("main")) {
      heard.emplace_back(message.what.payload.text());
      to.commit(message.from, message.what.position);
    }
  };
  constexpr int count = 100;
  for (int i = 1; i <= count; ++i) {
    from.send({{peer, "main"},
               protocol::shared_bytes::copy_of(std::to_string(i)),
               60s,
               [&](auto outcome) { delivered += outcome == protocol::send_outcome::delivered; },
               {}});
    const auto killed = nodes.chance().below(2);
    CHECK(nodes.at(killed).node->kill(nodes.chance().chance(0.5) ? "channels" : "courier"));
    nodes.run_for(nodes.chance().between(protocol::duration{1ms}, 30ms));
    read();
  }
  CHECK(nodes.run_until(
      [&] {
        read();
        return delivered == count;
      },
      60s));
  REQUIRE(heard.size() == count);
  for (int i = 1; i <= count; ++i)
    CHECK(heard[static_cast<std::size_t>(i) - 1] == std::to_string(i));
}

TEST_CASE("a reader who stops reading holds the stream back and misses nothing",
          "[actors][orderer]") {
  test::cluster nodes{{.nodes = 2}};
  REQUIRE(nodes.gather(test::cluster::joining::at_once));
  nodes.at(1).reading = false;
  constexpr int count = 10'000;  // More than the machine's stream and the port hold together.
  for (int i = 1; i <= count; ++i) {
    nodes.say(0, "0:" + std::to_string(i));
    if (i % 500 == 0) nodes.run_for(20ms);
  }
  nodes.run_for(2s);
  nodes.at(1).reading = true;
  CHECK(nodes.run_until([&] { return nodes.heard(1).size() == count; }, 60s));
  check_fifo_and_complete(nodes.heard(1), 1, count);
}

TEST_CASE("a stopped node answers everything that waits", "[actors][node_core]") {
  test::cluster nodes{{.nodes = 1}};
  nodes.start(0);
  nodes.join_group(0);
  int answers = 0;
  nodes.at(0).room->port.send(
      {protocol::shared_bytes::copy_of("x"), 60s, [&](auto) { ++answers; }, std::nullopt});
  nodes.at(0).node->private_port().send(
      {{{}, "main"}, protocol::shared_bytes::copy_of("y"), 60s, [&](auto) { ++answers; }, {}});
  nodes.at(0).node->stop();
  CHECK(answers == 2);
  CHECK(nodes.at(0).room->port.ended());
}

TEST_CASE("members that join at once found one group", "[actors][orderer]") {
  test::cluster nodes{{.nodes = 5, .seed = 11}};
  REQUIRE(nodes.gather(test::cluster::joining::at_once));
  for (std::size_t i = 0; i < nodes.size(); ++i) CHECK(joined_with(nodes.at(i)) >= 1);
  nodes.run_for(2s);
  nodes.say(4, "4:1");
  CHECK(nodes.run_until([&] {
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (nodes.heard(i).size() != 1) return false;
    return true;
  }));
}

TEST_CASE("every send is answered once, whichever actors die meanwhile", "[actors][orderer]") {
  test::cluster nodes{{.nodes = 2, .loss = 0.1, .seed = GENERATE(1u, 2u, 3u)}};
  REQUIRE(nodes.gather(test::cluster::joining::at_once));
  constexpr int count = 200;
  std::map<int, int> answers;
  std::set<protocol::message_id> ids;
  for (int i = 1; i <= count; ++i) {
    nodes.at(0).room->port.send({protocol::shared_bytes::copy_of("0:" + std::to_string(i)), 60s,
                                 [&, i](protocol::result<protocol::message_id> sent) {
                                   ++answers[i];
                                   REQUIRE(sent);
                                   CHECK(ids.insert(*sent).second);
                                 },
                                 std::nullopt});
    if (i % 3 == 0)
      CHECK(nodes.at(0).node->kill(nodes.chance().chance(0.5) ? "groups/lobby" : "guardian"));
    nodes.run_for(nodes.chance().between(protocol::duration{0}, 3ms));
  }
  CHECK(nodes.run_until([&] { return answers.size() == count && nodes.heard(1).size() == count; }));
  for (const auto& [_, times] : answers) CHECK(times == 1);
  check_fifo_and_complete(nodes.heard(1), 1, count);
}

namespace {

/// Ends an actor as its own failure would.
void crash(test::cluster::machine_host& host, const std::string& path) {
  const auto& staff = host.node->context()->staff;
  const auto end = [](const auto& handle) {
    const auto whom = caf::actor_cast<caf::actor>(handle);
    caf::anon_send<caf::message_priority::high>(
        whom, caf::exit_msg{whom.address(), caf::exit_reason::unhandled_exception});
  };
  if (path == "guardian") end(staff.guardian());
  if (path == "courier") end(staff.courier());
  if (path == "groups/lobby") end(staff.orderer(host.room->port.id()));
}

}  // namespace

TEST_CASE("an actor that crashes five times within ten seconds ends its node",
          "[actors][guardian]") {
  const std::string victim = GENERATE("courier", "groups/lobby", "guardian");
  CAPTURE(victim);
  test::cluster nodes{{.nodes = 2}};
  REQUIRE(nodes.gather(test::cluster::joining::at_once));
  auto& host = nodes.at(0);
  for (int i = 0; i < 4; ++i) {
    crash(host, victim);
    nodes.run_for(2s);
    CHECK(host.failures.empty());
  }
  crash(host, victim);
  nodes.run_for(1s);
  REQUIRE(host.failures.size() == 1);
  CHECK(host.failures.front() == victim + " crashed 5 times within 10 s");
}

TEST_CASE("crashes far apart, and any number of kills, do not end a node", "[actors][guardian]") {
  const std::string victim = GENERATE("courier", "groups/lobby", "guardian");
  CAPTURE(victim);
  test::cluster nodes{{.nodes = 2}};
  REQUIRE(nodes.gather(test::cluster::joining::at_once));
  auto& host = nodes.at(0);
  for (int i = 0; i < 8; ++i) {
    crash(host, victim);
    for (int k = 0; k < 4; ++k) {
      nodes.run_for(600ms);
      CHECK(host.node->kill(victim));
    }
    nodes.run_for(600ms);
  }
  CHECK(host.failures.empty());
  for (const auto& actor : host.node->actors()) CHECK(actor.alive);
  nodes.say(0, "0:1");
  CHECK(nodes.run_until([&] { return nodes.heard(1).size() == 1; }));
}
