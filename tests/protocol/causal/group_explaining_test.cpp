// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/causal_group.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/causal/group_days.hpp"

namespace causerie::protocol::test {
namespace {

using fate = message_explanation::fate;
using span = message_explanation::span;

bool says(byte_view body, std::string_view text) {
  const std::string_view whole{reinterpret_cast<const char*>(body.data()), body.size()};
  return whole.find(text) != whole.npos;
}

/// Every datagram that carries `text` is lost on its way to `to`.
void withhold(group_network& net, std::size_t to, std::string text) {
  net.drop = [to, text = std::move(text)](std::size_t, std::size_t receiver, byte_view body) {
    return receiver == to && says(body, text);
  };
}

span one(const message_id& id) { return {id.sender, id.number, id.number}; }

TEST_CASE("an answer that waits names its question, who has it and whom it was asked of",
          "[protocol][causal][why]") {
  group_network net{3};
  gather(net, 4);
  withhold(net, 2, "question");
  const auto question = net.say(0, "question");
  net.run(5ms);
  const auto answer = net.say(1, "answer");
  net.run(2s);
  REQUIRE((question && answer));
  REQUIRE(net.texts(2).empty());

  const auto told = net.at(2).explain(*answer);
  CHECK(told.what == fate::waiting);
  CHECK(told.waits_for == std::vector{one(*question)});
  REQUIRE(told.causes);
  CHECK(*told.causes == std::vector{one(*question)});
  REQUIRE(told.arrived);
  CHECK(net.now() - *told.arrived > 1900ms);
  REQUIRE(told.missing.size() == 1);
  const auto& lacked = told.missing.front();
  CHECK(lacked.what == one(*question));
  REQUIRE(lacked.holders.size() == 3);
  CHECK(lacked.holders.front().who == net.who(0));
  CHECK(lacked.holders.front().origin);
  CHECK_FALSE(lacked.holders.back().origin);
  REQUIRE(lacked.holders.back().row_heard);
  REQUIRE(lacked.asked);
  CHECK(lacked.asked != net.who(2));
  CHECK(lacked.attempts > 2);
  CHECK(net.now() - lacked.asked_at <= 2s);
  REQUIRE(lacked.ask_at);
  CHECK(*lacked.ask_at > net.now());
  REQUIRE(lacked.noticed);

  const auto missing = net.at(2).explain(*question);
  CHECK(missing.what == fate::missing);
  REQUIRE(missing.missing.size() == 1);
  CHECK(missing.missing.front().what == one(*question));
  CHECK_FALSE(missing.causes);

  // Whoever delivered both can say who lacks them.
  const auto elsewhere = net.at(1).explain(*answer);
  CHECK(elsewhere.what == fate::delivered);
  CHECK(elsewhere.lacking == std::vector{net.who(2)});
  CHECK(elsewhere.holders.size() == 2);

  net.drop = nullptr;
  net.run(3s);
  const auto later = net.at(2).explain(*answer);
  CHECK(later.what == fate::delivered);
  REQUIRE(later.delivered_at);
  CHECK(later.held > 1900ms);
  CHECK(later.after == one(*question));
  CHECK(later.waits_for.empty());
  CHECK(later.missing.empty());
  CHECK(net.at(2).explain(*question).held == 0ms);
}

TEST_CASE("a chain of waiting is followed to what is missing at its end",
          "[protocol][causal][why]") {
  group_network net{4};
  gather(net, 4);
  withhold(net, 3, "first");
  const auto first = net.say(0, "first");
  net.run(5ms);
  const auto second = net.say(1, "second");
  net.run(5ms);
  const auto third = net.say(2, "third");
  const auto fourth = net.say(2, "fourth");
  net.run(500ms);
  const auto told = net.at(3).explain(*fourth);
  CHECK(told.what == fate::waiting);
  CHECK(told.waits_for == std::vector{one(*third)});
  CHECK(net.at(3).explain(*third).waits_for == std::vector{one(*second)});
  REQUIRE(told.missing.size() == 1);
  CHECK(told.missing.front().what == one(*first));
  CHECK(told.missing_more == 0);
}

TEST_CASE("a holder that died is named after those that can help", "[protocol][causal][why]") {
  group_network net{5};
  gather(net, 4);
  withhold(net, 2, "question");
  const auto question = net.say(0, "question");
  net.run(1s);
  const auto answer = net.say(1, "answer");
  net.run(500ms);
  net.crash(0);
  net.run(2s);
  const auto told = net.at(2).explain(*answer);
  REQUIRE(told.missing.size() == 1);
  const auto& holders = told.missing.front().holders;
  REQUIRE(holders.size() == 3);
  CHECK(holders.front().standing == member_standing::down);
  CHECK(holders.front().origin);
  CHECK(holders.back().standing == member_standing::active);
  CHECK(told.missing.front().what == one(*question));
}

TEST_CASE("a large message that lacks a part names that part", "[protocol][causal][why]") {
  group_network net{6};
  gather(net, 2);
  const auto text = std::string(1500, 'x') + "the end";
  withhold(net, 1, "the end");
  const auto said = net.say(0, text);
  net.run(500ms);
  REQUIRE(said);
  const auto told = net.at(1).explain({said->sender, said->number - 1});
  CHECK(told.what == fate::waiting);
  CHECK(told.parts == span{said->sender, said->number - 1, said->number});
  CHECK(told.waits_for == std::vector{one(*said)});
  CHECK(net.at(1).explain(*said).what == fate::missing);
}

TEST_CASE("a message behind a reader who does not read waits for him", "[protocol][causal][why]") {
  group_config config;
  config.stream_events_max = 8;
  group_network net{7, config};
  gather(net, 2);
  net.consume(1, false);
  message_id last;
  for (int i = 0; i < 20; ++i) {
    const auto said = net.say(0, "text " + std::to_string(i));
    if (said) last = *said;
    net.run(50ms);
  }
  const auto told = net.at(1).explain(last);
  CHECK(told.what == fate::waiting);
  CHECK(told.missing.empty());
  CHECK(told.stream_full);
}

TEST_CASE("what was never sent, never owed or never heard of is told apart",
          "[protocol][causal][why]") {
  group_network net{8};
  gather(net, 2);
  const auto early = net.say(0, "early");
  net.run(500ms);
  const auto late = net.start();
  REQUIRE(net.run_until([&] { return net.all_active(); }, 10s));
  net.run(2s);
  REQUIRE(early);
  CHECK(net.at(late).explain(*early).what == fate::before_joining);
  CHECK(net.at(1).explain(*early).what == fate::delivered);

  auto future = *early;
  future.number += 1000;
  const auto told = net.at(1).explain(future);
  CHECK(told.what == fate::unheard_of);
  CHECK(told.newest >= early->number);
  CHECK(told.newest < future.number);

  auto stranger = *early;
  stranger.sender.node.octets[0] = 99;
  CHECK(net.at(1).explain(stranger).what == fate::unknown_sender);
  CHECK(net.at(1).explain({early->sender, 0}).what != fate::missing);

  CHECK(net.at(0).explain({net.who(0), 1}).control);  // It founded the group.
  causal_group idle{net.who(0), group_config{.name = "lobby"}, 1};
  CHECK(idle.explain(*early).what == fate::no_membership);
}

TEST_CASE("a declared loss says why it was declared", "[protocol][causal][why]") {
  group_config config;
  config.horizon = 2s;
  config.history_messages_max = 4;
  config.history_age_max = 1s;
  group_network net{9, config};
  gather(net, 3);
  net.partition({{2, 1}});
  net.run(1s);
  const auto said = net.say(0, "said during the split");
  for (int i = 0; i < 40; ++i) {
    (void)net.say(1, "and so on");
    net.run(250ms);
  }
  net.heal();
  REQUIRE(net.run_until([&] { return !net.events_of<gap_event>(2).empty(); }, 30s));
  REQUIRE(said);
  const auto told = net.at(2).explain(*said);
  CHECK(told.what == fate::lost);
  CHECK(told.lost_because == net.events_of<gap_event>(2).front().why);
  CHECK(told.lost_at <= net.now());
}

TEST_CASE("asking why changes nothing", "[protocol][causal][why]") {
  const auto play = [](bool ask) {
    group_network net{10};
    gather(net, 4);
    net.faults = {0.3, 0.1, 1ms, 60ms, 0.1, 0};
    for (int i = 0; i < 200; ++i) {
      const auto said = net.say(net.chance.below(4), "text " + std::to_string(i));
      net.run(5ms);
      for (std::size_t node = 0; ask && said && node < 4; ++node)
        for (sequence back = 0; back < 3; ++back)
          (void)net.at(node).explain({said->sender, said->number - back});
    }
    net.run(5s);
    return net.history();
  };
  CHECK(play(false) == play(true));
}

}  // namespace
}  // namespace causerie::protocol::test
