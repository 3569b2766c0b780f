// SPDX-License-Identifier: BSL-1.0

#include <optional>
#include <string>
#include <vector>

#include "protocol/errors.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/channel/channel_world.hpp"

namespace {

using namespace causerie::protocol;
using namespace causerie::protocol::testing;
using namespace std::chrono_literals;

struct durable_world : channel_world {
  explicit durable_world(std::uint64_t seed = 1, channel_config with = {})
      : channel_world{seed, with} {
    keep_journals();
    REQUIRE(!set(0).make_durable(key(0), now));
    drain();
  }
  void say(int from, int to) {
    for (int n = from; n < to; ++n) REQUIRE(send(0, std::to_string(n)));
    drain();
  }
};

std::vector<std::string> numbers(int from, int to) {
  std::vector<std::string> texts;
  for (int n = from; n < to; ++n) texts.push_back(std::to_string(n));
  return texts;
}

template <class T>
std::vector<T> operator+(std::vector<T> a, const std::vector<T>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Their lengths say enough when they differ.
std::vector<std::size_t> sizes(const std::vector<std::string>& texts) {
  std::vector<std::size_t> all;
  for (const auto& text : texts) all.push_back(text.size());
  return all;
}

std::string big(std::size_t bytes) { return std::string(bytes, 'x'); }

}  // namespace

TEST_CASE("a durable channel goes on after both ends are restarted", "[channel][durable]") {
  durable_world world;
  world.say(0, 10);
  world.run_for(100ms);
  auto seen = world.receive(1, "main", /*commit=*/true, 4);
  world.run_for(100ms);
  CHECK(world.side_of(0).journal->waiting(world.key(0)) == 6);
  world.reborn(1);
  world.reborn(0);
  world.say(10, 12);
  world.run_for(10s);
  seen = seen + world.receive(1);
  CHECK(seen == numbers(0, 12));
  world.run_for(1s);
  CHECK(world.side_of(0).journal->waiting(world.key(0)) == 0);
  CHECK(world.set(1).committed(world.key(1)) == 12);
  // Those of the last life have outcomes, and those before have none that anybody waits for.
  CHECK(world.side_of(0).outcome_count == 12);
  CHECK(world.set(0).counters().outcomes_unknown == 0);
}

TEST_CASE("what was accepted but never left is brought over by the next life",
          "[channel][durable]") {
  durable_world world;
  world.cut = true;
  world.say(0, 3);
  world.run_for(100ms);
  world.reborn(0);
  world.cut = false;
  world.run_for(10s);
  CHECK(world.receive(1) == numbers(0, 3));
}

TEST_CASE("messages that were read and not committed come again under their positions",
          "[channel][durable]") {
  durable_world world;
  world.say(0, 4);
  world.run_for(100ms);
  world.set(1).commit(world.key(1), 2, world.now);
  world.drain();
  world.reborn(1);
  world.run_for(10s);
  const auto again = world.set(1).read(world.key(1), 2, 100);
  REQUIRE(again.size() == 2);
  CHECK(again[0].position == 3);
  CHECK(again[0].payload.text() == "2");
  CHECK(again[1].position == 4);
}

TEST_CASE("a channel that began before the peer was known is durable all the same",
          "[channel][durable]") {
  channel_world world{1, {}, /*introduce=*/false};
  world.keep_journals();
  REQUIRE(!world.set(0).make_durable(world.key(0), world.now));
  REQUIRE(world.send(0, "one"));
  world.run_for(100ms);
  world.meet();
  world.run_for(100ms);
  CHECK(world.receive(1) == std::vector<std::string>{"one"});
  world.run_for(100ms);
  world.reborn(0);
  REQUIRE(world.send(0, "two"));
  world.run_for(10s);
  CHECK(world.receive(1) == std::vector<std::string>{"two"});
}

TEST_CASE("an old copy of the receiver's journal is noticed", "[channel][durable]") {
  durable_world world;
  world.say(0, 2);
  world.run_for(100ms);
  CHECK(world.receive(1) == numbers(0, 2));
  const auto copy = world.side_of(1).journal;
  world.run_for(100ms);
  world.say(2, 4);
  world.run_for(100ms);
  CHECK(world.receive(1) == numbers(2, 4));
  world.run_for(100ms);
  world.side_of(1).journal = copy;
  world.reborn(1);
  world.say(4, 6);  // They leave before the copy shows.
  world.run_for(10s);
  CHECK(world.receive(1).empty());
  CHECK(world.set(0).counters().outcomes_unknown == 2);
  world.say(6, 8);
  world.run_for(10s);
  CHECK(world.receive(1) == numbers(6, 8));
}

TEST_CASE("a receiver that lost its journal is not given anything twice", "[channel][durable]") {
  durable_world world;
  world.gate = [](std::size_t from, const outgoing_frame&) { return from == 0; };
  world.say(0, 4);
  world.run_for(100ms);
  CHECK(world.receive(1) == numbers(0, 4));  // Nobody hears that it is committed.
  world.cut = true;
  world.gate = {};
  world.drain();
  world.side_of(1).journal.reset();
  SECTION("and keeps nothing any more") { world.reborn(1, /*tell=*/false); }
  SECTION("and has begun another") {
    world.side_of(1).journal.emplace(boot_epoch{number(world.side_of(1).self.epoch) + 1});
    world.reborn(1, /*tell=*/false);
  }
  world.cut = false;
  world.meet();
  world.run_for(10s);
  CHECK(world.receive(1).empty());
  CHECK(world.set(0).counters().outcomes_unknown == 4);
  world.say(4, 6);
  world.run_for(1s);
  CHECK(world.receive(1) == numbers(4, 6));
}

TEST_CASE("a large message goes on in the middle of it", "[channel][durable]") {
  durable_world world;
  const auto text = big(1'000'000);
  REQUIRE(world.send(0, text));
  world.say(1, 3);
  std::size_t frames = 0;
  const auto reborn = GENERATE(0u, 1u);
  world.gate = [&](std::size_t, const outgoing_frame&) { return ++frames < 100; };
  world.run_for(200ms);
  CHECK(world.set(1).counters().buffered_bytes > 0);
  world.gate = {};
  world.reborn(reborn);
  world.run_for(20s);
  CHECK(sizes(world.receive(1)) == std::vector<std::size_t>{1'000'000});
  world.run_for(1s);
  CHECK(world.receive(1) == numbers(1, 3));
}

TEST_CASE("half a message is forgotten while its sender is away, and asked for again",
          "[channel][durable]") {
  durable_world world;
  const auto text = big(500'000);
  REQUIRE(world.send(0, text));
  std::size_t frames = 0;
  world.gate = [&](std::size_t, const outgoing_frame&) { return ++frames < 100; };
  world.run_for(200ms);
  world.set(1).on_node_down(world.side_of(0).self, world.now);
  world.run_for(40s);
  CHECK(world.set(1).counters().buffered_bytes == 0);
  world.gate = {};
  world.set(1).on_node_up(world.side_of(0).self, world.now);
  world.run_for(20s);
  CHECK(sizes(world.receive(1)) == std::vector<std::size_t>{500'000});
}

TEST_CASE("what the receiver said to an earlier life of the sender stops nothing",
          "[channel][durable]") {
  durable_world world;
  REQUIRE(world.send(0, big(500'000)));
  std::size_t frames = 0;
  std::optional<shared_bytes> last_ack;
  world.gate = [&](std::size_t from, const outgoing_frame& frame) {
    if (from == 1 && frame.care == frame_care::fresh) last_ack = frame.body;
    return ++frames < 100;
  };
  world.run_for(200ms);
  REQUIRE(last_ack);
  world.reborn(0);
  // It had waited for the journal, or in a mailbox, and finds the next life.
  CHECK_FALSE(world.set(0).on_frame(world.side_of(1).self, *last_ack, world.now));
  world.gate = {};
  world.run_for(20s);
  CHECK(sizes(world.receive(1)) == std::vector<std::size_t>{500'000});
}

TEST_CASE("a durable channel waits for the dead", "[channel][durable]") {
  durable_world world;
  world.cut = true;
  world.set(0).on_node_down(world.side_of(1).self, world.now);
  world.say(0, 2);
  REQUIRE(world.send(0, "lost", "other"));
  world.run_for(60s);
  CHECK(world.set(0).counters().outcomes_not_sent == 1);
  world.say(2, 3);
  CHECK(world.send(0, "refused", "other").error() == protocol_errc::unknown_peer);
  world.cut = false;
  world.meet();
  world.run_for(10s);
  CHECK(world.receive(1) == numbers(0, 3));
}

TEST_CASE("a deadline takes nothing back from a durable channel", "[channel][durable]") {
  durable_world world;
  world.cut = true;
  const auto sent = world.send(0, "late", "main", world.now + 1s);
  REQUIRE(sent);
  world.run_for(2s);
  REQUIRE(world.side_of(0).outcomes.contains(*sent));
  CHECK(world.side_of(0).outcomes.at(*sent).what == send_outcome::unknown);
  world.cut = false;
  world.run_for(10s);
  CHECK(world.receive(1) == std::vector<std::string>{"late"});
  CHECK(world.side_of(0).outcome_count == 1);
}

TEST_CASE("a durable channel that is given up tells what becomes of everything",
          "[channel][durable]") {
  durable_world world;
  world.say(0, 2);
  world.run_for(100ms);
  world.cut = true;
  for (int n = 0; n < 500; ++n) REQUIRE(world.send(0, big(900)));
  world.drain();
  world.set(0).give_up(world.key(0), world.now);
  world.drain();
  CHECK(world.side_of(0).outcomes.size() == 502);
  CHECK(world.set(0).counters().outcomes_unknown > 2);
  CHECK(world.set(0).counters().outcomes_not_sent > 0);
  world.reborn(0);
  CHECK(world.side_of(0).journal->waiting(world.key(0)) == 0);
}

TEST_CASE("only a node with a journal has durable channels", "[channel][durable]") {
  channel_world world{1};
  CHECK(world.set(0).make_durable(world.key(0), world.now) == protocol_errc::refused);
  world.keep_journals();
  REQUIRE(world.send(0, "volatile"));
  CHECK(world.set(0).make_durable(world.key(0), world.now) == protocol_errc::would_block);
  world.run_for(1s);
  CHECK(world.receive(1).size() == 1);
  world.run_for(1s);
  CHECK(!world.set(0).make_durable(world.key(0), world.now));
  CHECK(!world.set(0).make_durable(world.key(0), world.now));
  REQUIRE(world.send(0, "durable"));
  world.run_for(1s);
  CHECK(world.receive(1) == std::vector<std::string>{"durable"});
}

TEST_CASE("what waits for a peer that never comes back is bounded", "[channel][durable]") {
  channel_config small;
  small.queue_bytes_max = 10'000;
  small.window_bytes_max = small.window_bytes = 20'000;
  durable_world world{1, small};
  world.cut = true;
  std::size_t taken = 0;
  for (int life = 0; life < 5; ++life) {
    while (world.send(0, big(800))) ++taken;
    world.drain();
    world.reborn(0);
  }
  CHECK(taken < 40);
  world.cut = false;
  world.meet();
  for (int i = 0; i < 10; ++i) {
    world.run_for(5s);
    taken -= world.receive(1).size();
  }
  CHECK(taken == 0);
}

namespace {

/// One random day of a durable channel: both ends die and are cut off as they like.
class durable_day {
public:
  explicit durable_day(std::uint64_t seed) : chance_{seed}, world_{seed, config()} {
    auto& faults = world_.faults;
    faults.duplicate = chance_.unit() * 0.3;
    faults.vanish = chance_.unit() * 0.2;
    faults.lose_fresh = chance_.unit() * 0.4;
    faults.refuse = chance_.unit() * 0.2;
  }

  void run() {
    for (int step = 0; step < 100; ++step) {
      act();
      world_.run_for(chance_.between(duration{0}, duration{30ms}));
    }
    world_.cut = false;
    world_.faults = {};
    world_.meet();
    for (int i = 0; i < 60; ++i) {
      world_.run_for(2s);
      listen();
    }
    REQUIRE(seen_.size() == static_cast<std::size_t>(said_));
    for (int n = 0; n < said_; ++n) REQUIRE(std::stoi(seen_[static_cast<std::size_t>(n)]) == n);
    CHECK(world_.set(0).counters().outcomes_unknown == 0);
  }

private:
  channel_config config() {
    channel_config small;
    small.queue_messages_max = 64;
    small.window_bytes = chance_.between(std::uint64_t{2'000}, std::uint64_t{64'000});
    small.window_bytes_max = 2 * small.window_bytes;
    return small;
  }

  void act() {
    const auto dice = chance_.below(100);
    if (dice < 50) return say();
    if (dice < 90) return listen();
    if (dice < 95) return world_.reborn(static_cast<std::size_t>(chance_.below(2)));
    if (dice < 97) {
      world_.cut = !world_.cut;
    } else if (!world_.cut) {
      world_.set(0).on_node_down(world_.side_of(1).self, world_.now);
      world_.run_for(chance_.between(duration{0}, duration{40s}));
      world_.set(0).on_node_up(world_.side_of(1).self, world_.now);
    }
  }

  void say() {
    auto text = std::to_string(said_);
    if (chance_.chance(0.05)) text += big(chance_.below(30'000));
    if (world_.send(0, text)) ++said_;
    world_.drain();
  }

  void listen() {
    const auto from = world_.key(1);
    const auto committed = world_.set(1).committed(from);
    for (const auto& each : world_.set(1).read(from, committed, chance_.below(20))) {
      // What was read before comes again under its position.
      if (each.position == seen_.size() + 1) seen_.emplace_back(each.payload.text());
      REQUIRE(each.position <= seen_.size());
      REQUIRE(seen_[each.position - 1] == each.payload.text());
    }
    if (chance_.chance(0.5)) world_.set(1).commit(from, seen_.size(), world_.now);
    world_.drain();
  }

  random_source chance_;
  durable_world world_;
  int said_ = 0;
  std::vector<std::string> seen_;
};

}  // namespace

TEST_CASE("durable channels lose, double and reorder nothing on random days",
          "[channel][durable][random]") {
  const auto first = seed_or(1);
  for (auto seed = first; seed < first + 300; ++seed) {
    CAPTURE(seed);
    durable_day{seed}.run();
  }
}
