// SPDX-License-Identifier: BSL-1.0
#include <csignal>

#include "tests/apps/causerie/running_node.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using nlohmann::json;

namespace {

/// Two nodes that know each other.
struct pair_of_nodes {
  causerie_home home;
  running_node a{home, "a"};
  running_node b{home, "b", {"--join", a.address()}};

  pair_of_nodes() {
    REQUIRE(soon([&] { return a.alive() == 2 && b.alive() == 2; }));
  }
};

std::uint64_t counter(const running_node& node, const std::string& name) {
  return std::stoull(node.ask({"status"})["counters"][name].get<std::string>());
}

}  // namespace

TEST_CASE("a node that joins another is seen by both", "[apps][program][cluster]") {
  const pair_of_nodes nodes;
  const auto answer = nodes.a.ask({"members"});
  CHECK(answer["schema"] == "causerie.members/1");
  CHECK(answer["node"] == "a");
  REQUIRE(answer["members"].size() == 2);
  for (const auto& member : answer["members"]) {
    const auto& seen = member["name"] == "a" ? nodes.a : nodes.b;
    CHECK(member["address"] == seen.address());
    CHECK(member["id"] == seen.facts()["id"]);
    CHECK(member["self"] == (member["name"] == "a"));
    CHECK(member["state"] == "alive");
  }
}

TEST_CASE("nodes of one user find each other without flags", "[apps][program][cluster]") {
  const causerie_home home;
  const running_node a{home, "a"};
  program_home::running b{home, {"node", "--name", "b", "--memory-only", "--json"}};
  REQUIRE(next_json(b)["name"] == "b");
  CHECK(soon([&] { return a.alive() == 2; }));
}

TEST_CASE("what one node publishes another prints", "[apps][program][cluster]") {
  const pair_of_nodes nodes;
  program_home::running ears{nodes.home, {"sub", "lobby", "--count", "2", "--node", "b"}};
  REQUIRE(soon([&] { return nodes.b.is_in("lobby"); }));
  const auto said = nodes.a.ask({"pub", "lobby", "hello"});
  CHECK(said["schema"] == "causerie.pub/1");
  CHECK(ears.line() == "a: hello");
  CHECK(nodes.b.run({"pub", "lobby", "-"}, "and \x1b[2J back").status == 0);
  CHECK(ears.line() == "b: and \xef\xbf\xbd[2J back");  // No terminal is commanded by a peer.
  CHECK(ears.wait() == 0);
}

TEST_CASE("a private message is acknowledged by its receiver", "[apps][program][cluster]") {
  const pair_of_nodes nodes;
  const auto by_name = nodes.a.ask({"send", "b", "hello"});
  CHECK(by_name["schema"] == "causerie.send/1");
  CHECK(by_name["outcome"] == "delivered");
  CHECK(by_name["to"] == "b");
  const std::string id = nodes.b.facts()["id"];
  CHECK(nodes.a.ask({"send", id.substr(0, 10), "hello again"})["to_id"] == id);
}

TEST_CASE("a stopped node's peer gets an outcome by the deadline", "[apps][program][cluster]") {
  pair_of_nodes nodes;
  REQUIRE(nodes.a.ask({"send", "b", "before"})["outcome"] == "delivered");
  nodes.b.process().signal(SIGSTOP);
  const auto result = nodes.a.run({"send", "b", "into a pause", "--timeout", "1s", "--json"});
  const auto error = json::parse(result.err);
  // Who does not answer is alive at first, and suspect or dead after a while.
  CHECK((result.status == 75 || result.status == 69));
  CHECK(error["exit"] == result.status);
  const std::string outcome = error["details"]["outcome"];
  CHECK((outcome == "unknown" || outcome == "not-sent"));
  nodes.b.process().signal(SIGCONT);
  CHECK(soon([&] { return nodes.a.run({"send", "b", "after"}).status == 0; }));
  CHECK(soon([&] { return nodes.a.alive() == 2 && nodes.b.alive() == 2; }));
}

TEST_CASE("a killed node's peer gets an outcome, and goes on", "[apps][program][cluster]") {
  pair_of_nodes nodes;
  nodes.b.process().signal(SIGKILL);
  REQUIRE(nodes.b.process().wait() == 128 + SIGKILL);
  const auto result = nodes.a.run({"send", "b", "to nobody", "--timeout", "1s"});
  CHECK((result.status == 75 || result.status == 69));
  CHECK(result.err.starts_with("error: 'b' did not acknowledge within 1.00s ("));
  CHECK(nodes.a.run({"pub", "lobby", "still here"}).status == 0);
  CHECK(soon([&] { return nodes.a.state_of("b") == "dead"; }));
}

TEST_CASE("who leaves by ctrl-c has left, for the others too", "[apps][program][cluster]") {
  pair_of_nodes nodes;
  running_sub ears{nodes.home, nodes.a, "lobby"};
  REQUIRE(nodes.b.run({"pub", "lobby", "bye"}).status == 0);
  CHECK(ears.texts_until("b: bye") == words{"b: bye"});
  nodes.b.process().signal(SIGINT);
  CHECK(nodes.b.process().wait() == 130);
  CHECK(soon([&] { return nodes.a.state_of("b") == "left"; }));
  CHECK(counter(nodes.a, "membership.deaths") == 0);
}

TEST_CASE("killing any actor loses nothing and doubles nothing", "[apps][program][cluster]") {
  const pair_of_nodes nodes;
  running_sub ears_a{nodes.home, nodes.a, "lobby"}, ears_b{nodes.home, nodes.b, "lobby"};
  const auto paths = nodes.a.actors();
  for (const auto* kind :
       {"guardian", "courier", "failure_detector", "membership", "channels", "groups/lobby"})
    CHECK(std::find(paths.begin(), paths.end(), kind) != paths.end());
  words expected;
  std::size_t whispers = 0;
  for (const auto& [node, name] : {std::pair{&nodes.a, "a"}, std::pair{&nodes.b, "b"}})
    for (const auto& path : paths) {
      CAPTURE(name, path);
      const auto killed = node->ask({"kill", path});
      CHECK(killed["schema"] == "causerie.kill/1");
      CHECK(killed["restarts"].get<std::uint64_t>() == 1);
      CHECK(nodes.a.run({"pub", "lobby", "after " + path + " of " + name}).status == 0);
      expected.push_back("a: after " + path + " of " + name);
      CHECK(nodes.a.ask({"send", "b", "psst"})["outcome"] == "delivered");
      ++whispers;
    }
  REQUIRE(nodes.a.run({"pub", "lobby", "that is all"}).status == 0);
  expected.push_back("a: that is all");
  CHECK(ears_a.texts_until("a: that is all") == expected);
  CHECK(ears_b.texts_until("a: that is all") == expected);

  // Acknowledged whispers have been received before this, each of them once.
  program_home::running log{nodes.home,
                            {"watch", "--type", "recv", "--since", "0", "--json", "--node", "b"}};
  std::size_t heard = 0, whispered = 0;
  while (heard < expected.size())
    next_json(log)["fields"].contains("private") ? ++whispered : ++heard;
  CHECK(whispered == whispers);
  CHECK(nodes.a.alive() == 2);
  CHECK(nodes.b.alive() == 2);
}
