// SPDX-License-Identifier: BSL-1.0
#include "protocol/channel/channel_set.hpp"

#include "protocol/channel/channel_frames.hpp"
#include "protocol/channel/channel_packer.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/channel/channel_world.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::testing;
using namespace std::chrono_literals;

TEST_CASE("messages arrive in order and are delivered when the application commits",
          "[protocol][channel]") {
  channel_world world{1};
  const auto first = world.send(0, "one").value();
  const auto second = world.send(0, "two").value();
  CHECK(second > first);
  world.run_for(1s);
  REQUIRE(world.side_of(1).ready == std::vector{world.key(1)});
  CHECK(world.receive(1, "main", /*commit=*/false) == texts{"one", "two"});
  CHECK(world.receive(1, "main", /*commit=*/false) == texts{"one", "two"});
  world.run_for(10s);
  CHECK(world.side_of(0).outcomes.empty());
  CHECK(world.set(1).readable() == std::vector{world.key(1)});

  world.set(1).commit(world.key(1), 1, world.now);
  world.run_for(1s);
  CHECK(told(world, 0, first, send_outcome::delivered));
  CHECK(world.side_of(0).outcomes.size() == 1);
  CHECK(world.receive(1) == texts{"two"});
  world.run_for(1s);
  CHECK(told(world, 0, second, send_outcome::delivered));
  CHECK(world.set(1).readable().empty());
  CHECK(world.set(1).committed(world.key(1)) == 2);
}

TEST_CASE("an idle machine sets no timer", "[protocol][channel]") {
  channel_world world{1};
  (void)world.send(0, "one");
  world.run_for(1s);
  (void)world.receive(1);
  world.run_for(10s);
  CHECK_FALSE(world.set(0).next_deadline());
  CHECK_FALSE(world.set(1).next_deadline());
}

TEST_CASE("positions go on counting through the lives of the sender", "[protocol][channel]") {
  channel_world world{1};
  (void)world.send(0, "one");
  world.run_for(1s);
  world.reborn(0);
  (void)world.send(0, "two");
  world.run_for(1s);
  const auto messages = world.set(1).read(world.key(1), 0, 10);
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].position == 1);
  CHECK(messages[1].position == 2);
  CHECK(number(messages[1].from.epoch) == number(messages[0].from.epoch) + 1);
}

TEST_CASE("an empty message is a message", "[protocol][channel]") {
  channel_world world{1};
  const auto id = world.send(0, "").value();
  world.run_for(1s);
  CHECK(world.receive(1) == texts{""});
  world.run_for(1s);
  CHECK(told(world, 0, id, send_outcome::delivered));
}

TEST_CASE("small messages share frames", "[protocol][channel]") {
  channel_world world{1};
  for (int i = 0; i < 100; ++i) (void)world.send(0, "ten bytes!");
  world.run_for(5ms);
  CHECK(world.side_of(0).frames_out <= 3);
  CHECK(world.receive(1).size() == 100);
}

TEST_CASE("a message of 16 MiB arrives whole, through losses", "[protocol][channel]") {
  channel_world world{1};
  world.audited = false;
  world.faults.vanish = 0.02;
  world.faults.duplicate = 0.02;
  world.faults.delay_max = 20ms;
  std::string large(16u << 20, 'x');
  for (std::size_t i = 0; i < large.size(); i += 997) large[i] = static_cast<char>(i / 997);
  const auto before = world.send(0, "before").value();
  world.drain();
  const auto id = world.send(0, large).value();
  world.drain();
  const auto after = world.send(0, "after").value();
  texts arrived;
  for (int round = 0; round < 600 && arrived.size() < 3; ++round) {
    world.run_for(100ms);
    for (auto& text : world.receive(1)) arrived.push_back(std::move(text));
  }
  REQUIRE(arrived.size() == 3);
  CHECK(arrived[0] == "before");
  CHECK(arrived[1] == large);
  CHECK(arrived[2] == "after");
  world.run_for(1s);
  for (const auto each : {before, id, after}) CHECK(told(world, 0, each, send_outcome::delivered));
  CHECK(world.side_of(0).largest_frame <= frame_body_bytes_max);
  CHECK(world.set(1).counters().buffered_bytes == 0);
}

TEST_CASE("a message that is too large is refused at once", "[protocol][channel]") {
  channel_world world{1};
  CHECK(world.send(0, std::string((16u << 20) + 1, 'x')).error() == protocol_errc::too_large);
}

TEST_CASE("a full queue would block, and credit follows", "[protocol][channel]") {
  channel_config config;
  config.queue_messages_max = 10;
  config.window_bytes = config.window_bytes_max = 1'000;
  channel_world world{1, config};
  std::size_t taken = 0;
  while (world.send(0, std::string(100, 'x'))) {
    world.drain();
    ++taken;
    REQUIRE(taken < 1'000);
  }
  CHECK(world.side_of(0).credits.empty());
  CHECK(world.set(0).counters().would_block == 1);
  std::size_t arrived = 0;
  for (int i = 0; i < 50; ++i) {
    world.run_for(200ms);
    arrived += world.receive(1).size();
  }
  CHECK(arrived == taken);
  CHECK(world.side_of(0).credits == std::vector{world.key(0)});
  CHECK(world.send(0, "again"));
}

TEST_CASE("an empty queue takes one message of any legal size", "[protocol][channel]") {
  channel_config config;
  config.queue_bytes_max = 1'000;
  channel_world world{1, config};
  CHECK(world.send(0, std::string(5'000, 'x')));
  CHECK(world.send(0, "y").error() == protocol_errc::would_block);
}

TEST_CASE("what the receiver holds stays within its window when nobody commits",
          "[protocol][channel]") {
  channel_config config;
  config.window_bytes = 20'000;
  channel_world world{1, config};
  for (int i = 0; i < 200; ++i) {
    (void)world.send(0, std::string(900, 'x'));
    world.run_for(20ms);
    CHECK(world.set(1).counters().buffered_bytes <= config.window_bytes);
  }
  world.run_for(30s);
  CHECK(world.set(1).counters().buffered_bytes > config.window_bytes / 2);
  // A full window is asked about, not flooded.
  const auto frames = world.side_of(0).frames_out;
  world.run_for(60s);
  CHECK(world.side_of(0).frames_out - frames < 20);
}

TEST_CASE("the window grows for an application that keeps up", "[protocol][channel]") {
  channel_config config;
  config.window_bytes = 8'000;
  config.window_bytes_max = 64'000;
  channel_world world{1, config};
  for (int i = 0; i < 2; ++i)
    world.set(i == 0 ? 0 : 1).on_round_trip(world.key(i == 0 ? 0 : 1).peer, 100ms);
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 20; ++i) (void)world.send(0, std::string(900, 'x'));
    world.run_for(5ms);
    (void)world.receive(1);
  }
  while (world.send(0, std::string(900, 'x'))) world.drain();
  world.run_for(1s);
  CHECK(world.set(1).counters().buffered_bytes > 32'000);
  CHECK(world.set(1).counters().buffered_bytes <= 64'000);
}

TEST_CASE("all channels of a peer together stay within the budget of its link",
          "[protocol][channel]") {
  channel_config config;
  config.window_bytes = 20'000;
  config.link_bytes_max = 100'000;
  channel_world world{1, config};
  world.audited = false;
  for (int channel = 0; channel < 40; ++channel)
    for (int i = 0; i < 30; ++i)
      (void)world.send(0, std::string(900, 'x'), "c" + std::to_string(channel));
  std::size_t arrived = 0;
  for (int round = 0; round < 400; ++round) {
    world.run_for(200ms);
    CHECK(world.set(1).counters().buffered_bytes <= config.link_bytes_max);
    if (round > 20)
      for (const auto& key : world.set(1).readable()) arrived += world.receive(1, key.name).size();
  }
  CHECK(arrived == 40 * 30);
}

TEST_CASE("no room for a large message means busy, and later it arrives", "[protocol][channel]") {
  channel_config config;
  config.window_bytes = 10'000;
  config.link_bytes_max = 100'000;
  channel_world world{1, config};
  (void)world.send(0, std::string(90'000, 'a'), "a");
  world.run_for(2s);
  const auto second = world.send(0, std::string(90'000, 'b'), "b").value();
  world.run_for(5s);
  CHECK(world.set(1).counters().rejected_busy > 0);
  CHECK(world.receive(1, "b", /*commit=*/false).empty());
  CHECK(world.receive(1, "a").size() == 1);
  world.run_for(5s);
  CHECK(world.receive(1, "b") == texts{std::string(90'000, 'b')});
  world.run_for(1s);
  CHECK(told(world, 0, second, send_outcome::delivered));
}

TEST_CASE("a message too large for the receiver is not_sent and the rest goes on",
          "[protocol][channel]") {
  channel_config config;
  config.message_bytes_max = 200'000;
  config.link_bytes_max = 50'000;
  channel_world world{1, config};
  const auto before = world.send(0, "before").value();
  const auto large = world.send(0, std::string(60'000, 'x')).value();
  const auto after = world.send(0, "after").value();
  world.run_for(5s);
  CHECK(world.receive(1) == texts{"before", "after"});
  world.run_for(1s);
  CHECK(told(world, 0, before, send_outcome::delivered));
  CHECK(told(world, 0, after, send_outcome::delivered));
  CHECK(told(world, 0, large, send_outcome::not_sent));
  CHECK(world.side_of(0).outcomes.at(large).reason == protocol_errc::too_large);
  CHECK(world.side_of(0).outcome_count == 3);
}

TEST_CASE("a blocked lane stops production, and all goes on when it is writable",
          "[protocol][channel]") {
  channel_world world{1};
  std::vector<outgoing_frame> refused;
  bool blocked = true;
  world.gate = [&](std::size_t from, const outgoing_frame& frame) {
    if (from != 0 || !blocked || frame.token == 0) return true;
    refused.push_back(frame);
    return false;
  };
  for (int i = 0; i < 100; ++i) (void)world.send(0, std::string(900, 'x'));
  world.drain();
  const auto produced = refused.size();
  CHECK(produced > 0);
  for (auto& frame : refused) world.set(0).on_lane_blocked(world.key(0).peer, frame);
  world.drain();
  CHECK(refused.size() == produced);
  blocked = false;
  world.set(0).on_lane_writable(world.key(0).peer, world.now);
  world.run_for(1s);
  std::size_t arrived = world.receive(1).size();
  world.run_for(1s);
  arrived += world.receive(1).size();
  CHECK(arrived == 100);
}

TEST_CASE("malformed frames change nothing but a counter", "[protocol][channel]") {
  channel_world world{1};
  (void)world.send(0, "one");
  world.run_for(1s);
  const auto from = world.side_of(0).self;
  CHECK(world.set(1).on_frame(from, shared_bytes{}, world.now) == protocol_errc::malformed);
  CHECK(world.set(1).on_frame(from, shared_bytes::copy_of(std::string_view{"\x02nonsense"}),
                              world.now) == protocol_errc::malformed);
  CHECK(world.set(1).counters().dropped_malformed == 2);
  channel_control unknown;
  unknown.kind = channel_control_kind::resume;
  unknown.cid = 12345;
  CHECK(world.set(1).on_frame(from, encode_channel_frame(unknown), world.now) ==
        protocol_errc::stale_epoch);
  world.run_for(1s);
  CHECK(world.receive(1) == texts{"one"});
}

TEST_CASE("an ack for what never left is malformed", "[protocol][channel]") {
  channel_world world{1};
  std::uint64_t cid = 0;
  world.gate = [&](std::size_t from, const outgoing_frame& frame) {
    if (from == 0 && frame.token != 0) cid = std::get<channel_batch>(decoded(frame)).cid;
    return true;
  };
  (void)world.send(0, "one");
  world.drain();
  channel_ack ack;
  ack.cid = cid;
  ack.number = 1'000;
  ack.recv_next = {3, 0};
  ack.committed_next = 3;
  const auto peer = world.side_of(1).self;
  CHECK(world.set(0).on_frame(peer, encode_channel_frame(ack), world.now) ==
        protocol_errc::malformed);
  ack.recv_next = {1, 1};  // Inside a message that is never cut.
  ack.committed_next = 1;
  CHECK(world.set(0).on_frame(peer, encode_channel_frame(ack), world.now) ==
        protocol_errc::malformed);
  CHECK(world.side_of(0).outcomes.empty());
  world.set(0).audit();
}

TEST_CASE("a peer cannot open channels without end", "[protocol][channel]") {
  channel_config config;
  config.channels_per_peer_max = 4;
  channel_world world{1, config};
  for (int i = 0; i < 4; ++i) CHECK(world.send(0, "x", "c" + std::to_string(i)));
  CHECK(world.send(0, "x", "c4").error() == protocol_errc::refused);
  world.run_for(1s);
  CHECK(world.set(1).readable().size() == 4);
  const channel_introduction fifth{"fifth", 1, world.side_of(1).self.epoch};
  channel_packer pack{77, &fifth, 1};
  const auto text = shared_bytes::copy_of(std::string_view{"x"});
  REQUIRE(pack.add(text));
  CHECK(world.set(1).on_frame(world.side_of(0).self, pack.batch(), world.now));
  CHECK(world.set(1).readable().size() == 4);
  CHECK(world.set(1).counters().rejected_busy == 1);
}

TEST_CASE("a bad name and oneself are refused", "[protocol][channel]") {
  channel_world world{1};
  CHECK(world.send(0, "x", "").error() == protocol_errc::malformed);
  CHECK(world.send(0, "x", "a\nb").error() == protocol_errc::malformed);
  CHECK_FALSE(world.set(0).send({world.side_of(0).self.node, "main"}, {}, 0, {}, world.now));
}
