// SPDX-License-Identifier: BSL-1.0
#include "protocol/channel/channel_set.hpp"

#include "protocol/channel/channel_frames.hpp"
#include "protocol/channel/channel_packer.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/channel/channel_world.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::testing;
using namespace std::chrono_literals;

namespace {

/// Frames of node 0 by kind: the gate lets all but `kind` pass.
auto without(channel_frame_kind kind) {
  return [kind](std::size_t, const outgoing_frame& frame) {
    return frame.body.view()[0] != static_cast<std::byte>(kind);
  };
}

}  // namespace

TEST_CASE("a channel whose frames are lost does not hold up another", "[protocol][channel]") {
  channel_world world{1};
  std::optional<std::uint64_t> cid;
  world.gate = [&](std::size_t from, const outgoing_frame& frame) {
    if (from != 0 || frame.token == 0) return true;
    const auto seen = decoded(frame);
    const auto& batch = std::get<channel_batch>(seen);
    if (batch.introduction && batch.introduction->name == "stuck") cid = batch.cid;
    return batch.cid != cid;
  };
  (void)world.send(0, "never", "stuck");
  (void)world.send(0, "hello", "free");
  world.run_for(10ms);
  CHECK(world.receive(1, "free") == texts{"hello"});
  CHECK(world.receive(1, "stuck").empty());
}

TEST_CASE("a slow reader of one channel does not hold up another", "[protocol][channel]") {
  channel_world world{1};
  for (int i = 0; i < 900; ++i) (void)world.send(0, std::string(900, 'x'), "slow");
  (void)world.send(0, "hello", "free");
  world.run_for(10ms);
  CHECK(world.receive(1, "free") == texts{"hello"});
}

TEST_CASE("a frame that the link delivered into a killed mailbox is sent again",
          "[protocol][channel]") {
  channel_world world{1};
  (void)world.send(0, "first");
  world.run_for(1s);
  world.faults.vanish = 1;
  (void)world.send(0, "second");
  world.run_for(50ms);
  world.faults.vanish = 0;
  world.run_for(200ms);
  CHECK(world.receive(1) == texts{"first", "second"});
  CHECK(world.set(0).counters().ranges_resent == 1);
}

TEST_CASE("a frame that died before the link saw it is sent again", "[protocol][channel]") {
  channel_world world{1};
  (void)world.send(0, "first");
  world.run_for(1s);
  world.gate = without(channel_frame_kind::batch);
  (void)world.send(0, "second");
  world.drain();
  world.gate = nullptr;
  SECTION("at once when the actors were restarted") {
    world.set(0).on_restarted(world.now);
    world.run_for(100ms);
  }
  SECTION("in time when nobody says anything") { world.run_for(3s); }
  CHECK(world.receive(1) == texts{"first", "second"});
}

TEST_CASE("a restart of both sides repeats nothing that arrived", "[protocol][channel]") {
  channel_world world{1};
  for (int i = 0; i < 50; ++i) (void)world.send(0, std::to_string(i));
  world.run_for(20ms);
  for (std::size_t i = 0; i < 2; ++i) world.set(i).on_restarted(world.now);
  world.run_for(1s);
  CHECK(world.receive(1).size() == 50);
  CHECK(world.set(0).counters().ranges_resent == 0);
}

TEST_CASE("a deadline takes back what never left, and the rest keeps its order",
          "[protocol][channel]") {
  channel_config config;
  config.window_bytes = config.window_bytes_max = 500;
  channel_world world{1, config};
  const auto left = world.send(0, std::string(400, 'a'), "main", world.now + 100ms).value();
  world.drain();
  const auto kept = world.send(0, "b").value();
  (void)kept;
  const auto taken = world.send(0, std::string(400, 'c'), "main", world.now + 100ms).value();
  const auto last = world.send(0, "d").value();
  world.run_for(1s);
  CHECK(told(world, 0, left, send_outcome::unknown));
  CHECK(told(world, 0, taken, send_outcome::not_sent));
  CHECK(world.side_of(0).outcomes.at(taken).reason == protocol_errc::timed_out);
  texts arrived;
  for (int i = 0; i < 10; ++i) {
    for (auto& text : world.receive(1)) arrived.push_back(std::move(text));
    world.run_for(1s);
  }
  CHECK(arrived == texts{std::string(400, 'a'), "b", "d"});
  CHECK(told(world, 0, last, send_outcome::delivered));
  CHECK(told(world, 0, left, send_outcome::unknown));
  CHECK(world.side_of(0).outcome_count == 4);
}

TEST_CASE("a repeated request is sent once", "[protocol][channel]") {
  channel_world world{1};
  const auto first = world.send(0, "one", "main", {}, /*request=*/7).value();
  CHECK(world.send(0, "one", "main", {}, 7).value() == first);
  CHECK(world.send(0, "two", "main", {}, 8).value() != first);
  world.run_for(1s);
  CHECK(world.receive(1) == texts{"one", "two"});
  CHECK(world.send(0, "one", "main", {}, 7).value() == first);
  world.run_for(1s);
  CHECK(world.receive(1).empty());
}

TEST_CASE("a dead peer's messages wait 30 s and then fail with the truth", "[protocol][channel]") {
  channel_world world{1};
  const auto delivered = world.send(0, "zero").value();
  world.run_for(100ms);
  (void)world.receive(1);
  world.run_for(100ms);
  const auto left = world.send(0, "one").value();
  world.drain();
  world.lose_everything_under_way();
  world.set(0).on_node_down(world.side_of(1).self, world.now);
  const auto waits = world.send(0, "two").value();
  world.run_for(29s);
  CHECK(world.side_of(0).outcomes.size() == 1);

  SECTION("alive again within it: nothing is lost") {
    world.meet();
    world.run_for(1s);
    CHECK(world.receive(1) == texts{"one", "two"});
  }
  SECTION("dead for longer: unknown and not_sent, and later sends are refused") {
    world.run_for(2s);
    CHECK(told(world, 0, delivered, send_outcome::delivered));
    CHECK(told(world, 0, left, send_outcome::unknown));
    CHECK(told(world, 0, waits, send_outcome::not_sent));
    CHECK(world.send(0, "three").error() == protocol_errc::unknown_peer);
    world.meet();
    CHECK(world.send(0, "four"));
    world.run_for(1s);
    CHECK(world.receive(1) == texts{"four"});
    CHECK(world.set(0).counters().resets == 1);
  }
}

TEST_CASE("a reborn peer gets what never left; what left is unknown", "[protocol][channel]") {
  channel_config config;
  config.window_bytes = config.window_bytes_max = 500;
  channel_world world{1, config};
  const auto left = world.send(0, std::string(400, 'a')).value();
  world.run_for(100ms);
  const auto waits = world.send(0, std::string(400, 'b')).value();
  world.run_for(100ms);
  world.reborn(1);
  world.run_for(1s);
  CHECK(told(world, 0, left, send_outcome::unknown));
  CHECK(world.side_of(0).outcomes.at(left).reason == protocol_errc::stale_epoch);
  CHECK(world.receive(1) == texts{std::string(400, 'b')});
  world.run_for(1s);
  CHECK(told(world, 0, waits, send_outcome::delivered));
}

TEST_CASE("nothing leaves for a peer whose life is unknown but the question who it is",
          "[protocol][channel]") {
  channel_world world{1, {}, /*introduce=*/false};
  world.cut = true;
  const auto id = world.send(0, "one", "main", world.now + 1s).value();
  world.run_for(2s);
  CHECK(told(world, 0, id, send_outcome::not_sent));
  world.cut = false;
  (void)world.send(0, "two");
  world.run_for(1s);
  CHECK(world.receive(1) == texts{"two"});
}

TEST_CASE("a late frame of an old incarnation is not taken for a new one", "[protocol][channel]") {
  channel_world world{1};
  std::vector<shared_bytes> old;
  world.gate = [&](std::size_t from, const outgoing_frame& frame) {
    if (from == 0 && frame.token != 0) old.push_back(frame.body);
    return true;
  };
  (void)world.send(0, "old");
  world.drain();
  world.lose_everything_under_way();
  const auto sender = world.side_of(0).self;
  world.set(0).on_node_down(world.side_of(1).self, world.now);
  world.run_for(31s);
  world.meet();
  (void)world.send(0, "new");
  world.run_for(1s);
  REQUIRE(old.size() == 2);
  CHECK(world.set(1).on_frame(sender, old[0], world.now) == protocol_errc::stale_epoch);
  CHECK(world.receive(1) == texts{"new"});
}

TEST_CASE("a channel_set rebuilt within one life of the node makes channels work again",
          "[protocol][channel]") {
  channel_world world{1};
  (void)world.send(0, "one");
  world.run_for(1s);
  const auto rebuild = [&](std::size_t i) {
    world.set(i) = channel_set{world.side_of(i).self, world.config, 99};
    world.set(i).on_node_up(world.side_of(1 - i).self, world.now);
  };
  SECTION("the sender's") {
    rebuild(0);
    (void)world.send(0, "two");
    world.run_for(1s);
    CHECK(world.receive(1) == texts{"one", "two"});
  }
  SECTION("the receiver's") {
    rebuild(1);
    const auto id = world.send(0, "two").value();
    world.run_for(1s);
    CHECK(told(world, 0, id, send_outcome::unknown));
    (void)world.send(0, "three");
    world.run_for(1s);
    CHECK(world.receive(1) == texts{"three"});
  }
}
