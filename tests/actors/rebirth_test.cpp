// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <map>
#include <set>

#include "tests/actors/cluster.hpp"
#include "tests/catch.hpp"

using namespace causerie;
using namespace std::chrono_literals;

namespace {

using host = test::cluster::machine_host;
using protocol::message_id;

/// A stream as an application reads it: where it began, what it heard, what it was told is lost.
struct account {
  std::size_t beginnings = 0, restarts = 0, holes = 0;
  std::multiset<message_id> heard;
  std::vector<protocol::gap_event::range> lost;

  [[nodiscard]] bool declared(const message_id& id) const {
    return std::any_of(lost.begin(), lost.end(), [&](const auto& range) {
      return range.sender == id.sender && range.first <= id.number && id.number <= range.last;
    });
  }
};

account account_of(const host& node) {
  account all;
  protocol::cursor before = 0;
  for (const auto& event : node.stream) {
    all.holes += event.position != ++before;
    if (const auto* said = std::get_if<protocol::message_event>(&event.what)) {
      CHECK_FALSE(all.declared(said->id));
      all.heard.insert(said->id);
    } else if (const auto* gap = std::get_if<protocol::gap_event>(&event.what)) {
      all.restarts += gap->why == protocol::gap_event::cause::restart;
      all.lost.insert(all.lost.end(), gap->missing.begin(), gap->missing.end());
    }
    all.beginnings += std::holds_alternative<protocol::joined_event>(event.what);
  }
  return all;
}

std::size_t news_of(const host& node, std::string_view type, std::string_view what) {
  return static_cast<std::size_t>(
      std::count_if(node.news.begin(), node.news.end(), [&](const auto& news) {
        return news.type == type &&
               std::any_of(news.fields.begin(), news.fields.end(), [&](const auto& field) {
                 return field.first == "what" && field.second == what;
               });
      }));
}

bool everybody_up(test::cluster& nodes) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const auto& actor : nodes.at(i).node->actors())
      if (!actor.alive) return false;
    if (!nodes.at(i).room->machine.unleased().active()) return false;
  }
  return true;
}

/// All talk; node 1's machine breaks in the middle. `each` messages of everybody, and as many again
/// when it is back.
void talk_through(test::cluster& nodes, const std::string& victim, int each) {
  for (int i = 1; i <= each; ++i) {
    for (std::size_t n = 0; n < nodes.size(); ++n)
      nodes.say(n, std::to_string(n) + ":" + std::to_string(i));
    if (i == each / 2) CHECK(nodes.at(1).node->sabotage(victim));
    nodes.run_for(nodes.chance().between(protocol::duration{1ms}, 20ms));
  }
  REQUIRE(nodes.run_until([&] { return nodes.at(1).node->rebuilds() == 1; }));
  REQUIRE(nodes.run_until([&] { return everybody_up(nodes); }));
  nodes.run_for(3s);
  for (std::size_t n = 0; n < nodes.size(); ++n) nodes.say(n, "again " + std::to_string(n));
  REQUIRE(nodes.run_until([&] {
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      std::size_t again = 0;
      for (const auto& text : nodes.heard(n)) again += text.starts_with("again ");
      if (again != nodes.size()) return false;
    }
    return true;
  }));
}

}  // namespace

TEST_CASE("a node whose machine breaks begins another life, and says what it lost",
          "[actors][rebirth]") {
  const std::string victim =
      GENERATE("courier", "failure_detector", "membership", "channels", "groups/lobby");
  CAPTURE(victim);
  test::cluster nodes{{.nodes = 3, .loss = 0.05, .seed = 11}};
  REQUIRE(nodes.gather());
  const auto before = nodes.at(1).node->self();
  talk_through(nodes, victim, 40);

  const auto& broken = nodes.at(1);
  CHECK(broken.failures.empty());
  CHECK(broken.node->self().node == before.node);
  CHECK(broken.node->self().epoch > before.epoch);
  CHECK(news_of(broken, "actor", "poisoned") == 1);
  CHECK(news_of(broken, "node", "rebuilt") == 1);

  const auto ours = account_of(broken), theirs = account_of(nodes.at(0));
  CHECK(ours.holes == 0);
  CHECK(ours.restarts == 1);
  CHECK(ours.beginnings == 2);
  CHECK(theirs.restarts == 0);
  CHECK(theirs.beginnings == 1);
  for (const auto& stream : {ours, theirs})
    for (const auto& id : stream.heard) CHECK(stream.heard.count(id) == 1);
  // What the others said is heard or declared; nothing is neither.
  for (const auto& id : theirs.heard) {
    CAPTURE(id.sender.node.octets[0], id.number);
    CHECK((ours.heard.contains(id) || ours.declared(id) || id.sender == before));
  }
  CHECK(ours.heard.size() > theirs.heard.size() / 2);
  // And what the others have heard of each other does not suffer.
  const auto third = account_of(nodes.at(2));
  for (const auto& id : theirs.heard)
    if (id.sender.node != before.node) CHECK(third.heard.contains(id));
}

TEST_CASE("nobody waits for ever for an answer from a machine that broke", "[actors][rebirth]") {
  test::cluster nodes{{.nodes = 2}};
  REQUIRE(nodes.gather());
  std::vector<std::error_code> answers;
  std::size_t sent = 0;
  const auto say = [&] {
    nodes.at(0).room->port.send({protocol::shared_bytes::copy_of("x"), 60s,
                                 [&](protocol::result<message_id> answer) {
                                   answers.push_back(answer ? std::error_code{} : answer.error());
                                 },
                                 std::nullopt});
    ++sent;
  };
  for (int i = 0; i < 3; ++i) say();
  CHECK(nodes.at(0).node->sabotage("groups/lobby"));
  for (int i = 0; i < 3; ++i) say();
  std::vector<protocol::result<std::vector<protocol::node_id>>> held;
  nodes.at(0).room->port.on_stable({nodes.at(0).node->self(), 1000},
                                   [&](auto answer) { held.push_back(std::move(answer)); });
  REQUIRE(nodes.run_until([&] { return nodes.at(0).node->rebuilds() == 1; }));
  say();  // It is no member at this moment, and waits until it is.
  REQUIRE(nodes.run_until([&] { return answers.size() == sent; }));
  CHECK(std::count(answers.begin(), answers.end(),
                   make_error_code(protocol::protocol_errc::outcome_unknown)) >= 1);
  CHECK_FALSE(answers.back());
  REQUIRE(held.size() == 1);
  CHECK(held.front().error() == protocol::protocol_errc::outcome_unknown);
}

TEST_CASE("private messages under way when a machine breaks have true outcomes",
          "[actors][rebirth]") {
  const std::string victim = GENERATE("channels", "courier");
  const std::size_t broken = GENERATE(0u, 1u);
  CAPTURE(victim, broken);
  test::cluster nodes{{.nodes = 2, .loss = 0.1, .seed = 5}};
  REQUIRE(nodes.gather());
  auto& from = nodes.at(0).node->private_port();
  auto& to = nodes.at(1).node->private_port();
  const auto peer = nodes.at(1).node->self().node;
  to.subscribe("main", [] {});
  std::map<int, protocol::send_outcome> outcomes;
  std::map<int, int> heard;
  std::uint64_t position = 0;
  const auto read = [&] {
    for (auto& message : to.take("main")) {
      CHECK(message.what.position == ++position);
      ++heard[std::stoi(std::string{message.what.payload.text()})];
      to.commit(message.from, message.what.position);
    }
  };
  constexpr int count = 60;
  for (int i = 0; i < count; ++i) {
    from.send({{peer, "main"},
               protocol::shared_bytes::copy_of(std::to_string(i)),
               20s,
               [&, i](auto outcome) { outcomes[i] = outcome.value(); },
               {}});
    if (i == count / 2) CHECK(nodes.at(broken).node->sabotage(victim));
    nodes.run_for(nodes.chance().between(protocol::duration{1ms}, 10ms));
    read();
  }
  REQUIRE(nodes.run_until([&] {
    read();
    return outcomes.size() == count;
  }));
  nodes.run_for(5s);
  read();
  int delivered = 0;
  for (const auto& [i, outcome] : outcomes) {
    CAPTURE(i);
    CHECK(heard[i] <= 1);
    if (outcome == protocol::send_outcome::delivered) CHECK(heard[i] == 1);
    if (outcome == protocol::send_outcome::not_sent) CHECK(heard[i] == 0);
    delivered += outcome == protocol::send_outcome::delivered;
  }
  CHECK(delivered >= count / 2 - 10);
}

TEST_CASE("the guardian may die while it clears up after a broken machine", "[actors][rebirth]") {
  test::cluster nodes{{.nodes = 2, .seed = GENERATE(1u, 2u, 3u, 4u)}};
  REQUIRE(nodes.gather());
  CHECK(nodes.at(0).node->sabotage("membership"));
  for (int i = 0; i < 40; ++i) {
    nodes.at(0).node->kill("guardian");
    nodes.run_for(100ms);
  }
  CHECK(nodes.at(0).node->rebuilds() == 1);
  REQUIRE(nodes.run_until([&] { return everybody_up(nodes); }));
  nodes.say(0, "back");
  CHECK(nodes.run_until([&] { return !nodes.heard(1).empty(); }));
}

TEST_CASE("machines that break again and again end the node", "[actors][rebirth]") {
  test::cluster nodes{{.nodes = 2}};
  REQUIRE(nodes.gather());
  auto& node = *nodes.at(0).node;
  const auto wait = GENERATE(as<protocol::duration>{}, 1s, 4s);
  for (std::uint64_t i = 1; i <= 5; ++i) {
    CHECK(nodes.at(0).failures.empty());
    CHECK(node.sabotage("courier"));
    nodes.run_for(wait);
    CHECK((node.rebuilds() == i || i == 5));
  }
  if (wait == 1s) {
    REQUIRE(nodes.at(0).failures.size() == 1);
    CHECK(nodes.at(0).failures.front() == "courier crashed 5 times within 10 s");
  } else {
    CHECK(nodes.at(0).failures.empty());
    CHECK(node.rebuilds() == 5);
  }
}

TEST_CASE("a node that is to leave when its machine breaks is not back in the group",
          "[actors][rebirth]") {
  test::cluster nodes{{.nodes = 2}};
  REQUIRE(nodes.gather());
  nodes.at(0).room->port.leave();
  CHECK(nodes.at(0).node->sabotage("groups/lobby"));
  nodes.run_for(3s);
  CHECK(nodes.at(0).node->rebuilds() == 1);
  CHECK(nodes.at(0).room->port.ended());
  CHECK_FALSE(nodes.at(0).room->machine.unleased().active());
  CHECK(std::holds_alternative<protocol::ended_event>(nodes.at(0).stream.back().what));
}
