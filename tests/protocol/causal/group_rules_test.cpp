// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include "protocol/causal/bundle.hpp"
#include "protocol/causal/group_frames.hpp"
#include "protocol/errors.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/causal/group_days.hpp"

namespace causerie::protocol::test {
namespace {

// --- joining

TEST_CASE("a late joiner has every message from its start on", "[protocol][causal][join]") {
  group_network net{10};
  gather(net, 3);
  say_many(net, 0, 50);
  net.start();
  for (int i = 0; i < 100; ++i) {
    (void)net.say(net.chance.below(3), fmt::format("during {}", i));
    net.run(5ms);
  }
  REQUIRE(net.at(3).active());
  say_many(net, 3, 5);
  net.run(2s);
  CHECK(net.converged());
  CHECK(complaints(net) == none);
  const auto joined = net.events_of<joined_event>(3);
  REQUIRE(joined.size() == 1);
  CHECK(joined.front().members.size() == 4);
  CHECK(net.events(3).front().position == 1);
}

TEST_CASE("with recent history the stream begins with what members still hold",
          "[protocol][causal][join]") {
  group_network net{11};
  gather(net, 3);
  say_many(net, 0, 20);
  net.run(1s);
  group_config config;
  config.history = history_policy::recent;
  net.start_with(config);
  REQUIRE(net.run_until([&] { return net.all_active(); }, 5s));
  net.run(1s);
  CHECK(net.texts(3) == net.texts(1));
  CHECK(net.texts(3).size() == 20);
  CHECK(complaints(net) == none);
}

TEST_CASE("joining takes less than a second on a good network", "[protocol][causal][join]") {
  group_network net{12};
  gather(net, 9);
  net.start();
  const auto since = net.now();
  REQUIRE(net.run_until([&] { return net.all_active(); }, 5s));
  CHECK(net.now() - since < 1s);
}

TEST_CASE("the eleventh of ten is refused, with the reason", "[protocol][causal][join]") {
  group_config config;
  config.members_max = 10;
  group_network net{13, config};
  gather(net, 10);
  net.start();
  net.run(3s);
  CHECK_FALSE(net.at(10).active());
  const auto ended = net.events_of<ended_event>(10);
  REQUIRE(ended.size() == 1);
  CHECK(ended.front().reason == protocol_errc::refused);
  CHECK(ended.front().text == "the group is full (10 of 10 members)");
  net.crash(4);
  net.run(1s);
  net.start();
  CHECK(net.run_until([&] { return net.at(11).active(); }, 5s));
}

TEST_CASE("the sponsor may die right after its ADD", "[protocol][causal][join]") {
  for (std::uint64_t seed = 20; seed < 40; ++seed) {
    group_network net{seed};
    gather(net, 4);
    for (int i = 0; i < 20; ++i) (void)net.say(net.chance.below(4), "unstable");
    std::size_t sponsor = 99;
    net.drop = [&](std::size_t from, std::size_t, byte_view body) {
      if (is(body, causal::frame_type::summary)) sponsor = from;
      return from == sponsor && net.chance.chance(0.7);
    };
    net.start();
    net.run_until([&] { return sponsor != 99; }, 5s);
    REQUIRE(sponsor != 99);
    net.crash(sponsor);
    net.drop = nullptr;
    INFO("seed " << seed << "\n" << net.describe());
    CHECK(net.run_until([&] { return net.all_active(); }, 20s));
    CHECK(net.run_until([&] { return net.converged(); }, 20s));
    CHECK(complaints(net) == none);
    CHECK(net.oracle.gaps() == 0);
  }
}

TEST_CASE("the answer to a join request may be lost with an actor", "[protocol][causal][join]") {
  group_network net{14};
  gather(net, 2);
  int lost = 0;
  net.drop = [&](std::size_t, std::size_t, byte_view body) {
    return is(body, causal::frame_type::summary) && lost++ < 2;
  };
  net.start();
  CHECK(net.run_until([&] { return net.all_active(); }, 10s));
  CHECK(complaints(net) == none);
}

TEST_CASE("groups founded twice become one, whatever either has said",
          "[protocol][causal][founding]") {
  for (const bool trimmed : {false, true}) {
    group_network net{15, trimmed ? short_memory() : group_config{}};
    for (int i = 0; i < 4; ++i) net.start();
    net.partition({{0, 0}, {1, 0}, {2, 1}, {3, 1}});
    net.run(4s);
    REQUIRE(net.all_active());
    say_many(net, 0, 10);
    say_many(net, 2, 10);
    net.run(trimmed ? 10s : 1s);
    net.heal();
    INFO(net.describe());
    CHECK(net.run_until([&] { return net.converged(); }, 10s));
    say_many(net, 1, 5);
    say_many(net, 3, 5);
    net.run(2s);
    CHECK(complaints(net) == none);
    CHECK(net.oracle.gaps() == 0);
    CHECK(net.texts(0).size() >= 20);
    if (!trimmed) CHECK(net.texts(0).size() == 30);
    if (trimmed) CHECK(net.events_of<joined_event>(0).size() == 2);
  }
}

TEST_CASE("ten that start at once end up in one group", "[protocol][causal][founding]") {
  group_network net{16};
  for (int i = 0; i < 10; ++i) net.start();
  net.run(3s);
  CHECK(net.run_until([&] { return net.converged(); }, 10s));
  say_many(net, 3, 3);
  net.run(1s);
  for (std::size_t i = 0; i < 10; ++i) CHECK(net.texts(i).size() == 3);
  CHECK(complaints(net) == none);
}

// --- sending

TEST_CASE("64 KiB travel in fragments and arrive whole", "[protocol][causal][send]") {
  group_network net{30};
  gather(net, 3);
  net.faults = {0.2, 0.1, 1ms, 20ms, 0, 0};
  std::string large(64 * 1024, '?');
  for (auto& letter : large) letter = static_cast<char>('a' + net.chance.below(26));
  const auto said = net.say(0, large);
  REQUIRE(said);
  (void)net.say(0, "after");
  net.run(5s);
  for (std::size_t i = 0; i < 3; ++i) CHECK(net.texts(i) == words{large, "after"});
  CHECK(net.events_of<message_event>(1).front().id == *said);
  CHECK(net.say(0, large + "!").error() == protocol_errc::too_large);
  CHECK(complaints(net) == none);
}

TEST_CASE("a repeated request is answered with the first one's id", "[protocol][causal][send]") {
  group_network net{31};
  gather(net, 2);
  const auto first = net.at(0).send(shared_bytes::copy_of("once"), 7, {}, net.now());
  const auto again = net.at(0).send(shared_bytes::copy_of("once"), 7, {}, net.now());
  REQUIRE((first && again));
  CHECK(*first == *again);
  CHECK(net.at(0).counters().sent == 1);
}

TEST_CASE("a sender out of credit is told so, and told when it has some again",
          "[protocol][causal][send]") {
  group_config config;
  config.own_window_bytes = 4000;
  group_network net{32, config};
  gather(net, 3);
  const std::string text(500, 't');
  int accepted = 0;
  while (net.say(0, text)) ++accepted;
  CHECK(accepted <= 9);
  CHECK(net.say(0, text).error() == protocol_errc::would_block);
  net.credits = 0;
  net.run(2s);
  CHECK(net.credits == 1);
  CHECK(net.say(0, text));
  net.run(1s);
  CHECK(complaints(net) == none);
}

TEST_CASE("a dead member never blocks a sender for longer than its detection takes",
          "[protocol][causal][send]") {
  group_config config;
  config.own_window_bytes = 4000;
  group_network net{33, config};
  gather(net, 3);
  net.crash(2);
  const std::string text(500, 't');
  while (net.say(0, text)) {}
  net.run(3s);
  CHECK(net.say(0, text));
  CHECK(net.events_of<stable_event>(0).back().holders.size() == 2);
}

TEST_CASE("a message that is stable is held by all whom it names", "[protocol][causal][send]") {
  group_network net{34};
  gather(net, 4);
  net.drop = [](std::size_t from, std::size_t to, byte_view) { return to == 3 || from == 3; };
  REQUIRE(net.say(0, "text"));
  net.run(3s);
  CHECK(net.events_of<stable_event>(0).empty());
  net.drop = nullptr;
  net.run(3s);
  REQUIRE(net.events_of<stable_event>(0).size() == 1);
  CHECK(net.texts(3) == words{"text"});
}

TEST_CASE("small messages of one batch share a bundle", "[protocol][causal][send]") {
  group_network net{35};
  gather(net, 2);
  for (int i = 0; i < 8; ++i)
    REQUIRE(net.at(0).send(shared_bytes::copy_of("short"), 0, {}, net.now()));
  int bundles = 0;
  while (auto output = net.at(0).poll())
    if (auto* out = std::get_if<causal_group::send_frames>(&*output))
      bundles += is(out->frame.body.view(), causal::frame_type::bundle) ? 1 : 0;
  CHECK(bundles == 1);
}

// --- repair

TEST_CASE("two who cannot talk hear each other through others", "[protocol][causal][repair]") {
  group_network net{40};
  gather(net, 3);
  net.drop = [](std::size_t from, std::size_t to, byte_view) { return from + to == 1; };
  for (int i = 0; i < 20; ++i) {
    (void)net.say(static_cast<std::size_t>(i % 3), "text");
    net.run(20ms);
  }
  CHECK(net.run_until([&] { return net.converged(); }, 10s));
  net.run(8s);
  CHECK(net.texts(0).size() == 20);
  // Their rows reach each other too, so that what they said becomes stable.
  CHECK(net.events_of<stable_event>(0).size() > 0);
  CHECK(complaints(net) == none);
}

TEST_CASE("what a dead sender said to one reaches all", "[protocol][causal][repair]") {
  group_network net{41};
  gather(net, 4);
  net.drop = [](std::size_t from, std::size_t to, byte_view) { return from == 0 && to != 1; };
  REQUIRE(net.say(0, "last words"));
  net.run(3ms);
  net.crash(0);
  net.run(3s);
  for (std::size_t i = 1; i < 4; ++i) CHECK(net.texts(i) == words{"last words"});
  CHECK(complaints(net) == none);
}

TEST_CASE("a repair serves every sender that is asked for, however much of one there is",
          "[protocol][causal][repair]") {
  using namespace causal;
  group_network net{49};
  gather(net, 3);
  for (int i = 0; i < 80; ++i) {
    (void)net.say(0, std::string(1000, 'x'));
    net.run(5ms);
  }
  (void)net.say(1, "one among many");
  net.run(1s);
  const auto group = net.at(0).id();
  const auto much = make_member_tag(group, net.who(0)), little = make_member_tag(group, net.who(1));
  const auto newest = [&](std::size_t node) {
    for (const auto& member : net.at(2).members())
      if (member.who == net.who(node)) return member.delivered;
    return sequence{0};
  };
  const repair_request request{1, {{much, 1, newest(0)}, {little, newest(1), newest(1)}}};
  while (net.at(2).poll()) {}
  CHECK_FALSE(net.at(2).on_frame(
      net.who(0), encode_frame(group, frame_type::repair_request, request), net.now()));
  std::map<member_tag, std::size_t> served;
  while (auto output = net.at(2).poll())
    if (auto* out = std::get_if<causal_group::send_frames>(&*output))
      if (is(out->frame.body.view(), frame_type::bundle))
        ++served[decode_frame<bundle>(out->frame.body)->sender];
  CHECK(served[much] > 20);
  CHECK(served[much] < 60);  // As much as one answer may hold.
  CHECK(served[little] == 1);
}

TEST_CASE("a member that slept through a thousand messages catches up",
          "[protocol][causal][repair]") {
  group_network net{42};
  gather(net, 3);
  net.partition({{2, 1}});
  for (int i = 0; i < 1000; ++i) {
    (void)net.say(static_cast<std::size_t>(i % 2), fmt::format("a text of some length: {}", i));
    net.run(1ms);
  }
  net.heal();
  const auto since = net.now();
  CHECK(net.run_until([&] { return net.converged(); }, 20s));
  CHECK(net.now() - since < 3s);
  CHECK(net.texts(2).size() == 1000);
  CHECK(complaints(net) == none);
}

TEST_CASE("killing actors loses, doubles and reorders nothing", "[protocol][causal][repair]") {
  group_network net{43};
  gather(net, 4);
  net.faults.mailbox_loss = 0.2;
  for (int i = 0; i < 200; ++i) {
    (void)net.say(net.chance.below(4), "text");
    net.run(5ms);
  }
  net.faults = {};
  CHECK(net.run_until([&] { return net.converged(); }, 10s));
  for (std::size_t i = 0; i < 4; ++i) CHECK(net.texts(i).size() == 200);
  CHECK(complaints(net) == none);
}

// --- nonsense

TEST_CASE("nonsense is counted and changes nothing", "[protocol][causal][malformed]") {
  group_network net{70};
  gather(net, 2);
  (void)net.say(0, "text");
  net.run(1s);
  auto& group = net.at(0);
  const auto members = group.members().size();
  for (int type = 0; type < 256; ++type) {
    byte_buffer body(17 + net.chance.below(30));
    for (auto& octet : body) octet = static_cast<std::byte>(net.chance.next());
    const auto id = group.id();
    for (std::size_t i = 0; i < 16; ++i) body[i] = static_cast<std::byte>(id.octets[i]);
    body[16] = static_cast<std::byte>(type);
    (void)group.on_frame(net.who(1), shared_bytes{std::move(body)}, net.now());
    group.audit();
  }
  CHECK(group.on_frame(net.who(1), shared_bytes{}, net.now()) == protocol_errc::malformed);
  CHECK(group.counters().dropped_malformed > 200);
  CHECK(group.members().size() == members);
  net.run(5s);
  CHECK(complaints(net) == none);
}

}  // namespace
}  // namespace causerie::protocol::test
