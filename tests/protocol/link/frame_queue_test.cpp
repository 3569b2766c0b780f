// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/frame_queue.hpp"

#include "protocol/errors.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/link/wire_pair.hpp"

using namespace causerie::protocol;
using causerie::protocol::test::frame_of;

namespace {

frame_queue make_queue() { return frame_queue{10'000, 5'000}; }

outgoing_frame in_lane(frame_lane lane, std::string_view text) {
  auto frame = frame_of(text);
  frame.lane = lane;
  return frame;
}

}  // namespace

TEST_CASE("each busy lane gets its share, the least a tenth", "[protocol][frame_queue]") {
  frame_queue queue{1u << 20, 1u << 20};
  const std::string body(500, 'x');
  for (int i = 0; i < 1000; ++i)
    for (std::size_t lane = 0; lane < lane_count; ++lane)
      REQUIRE_FALSE(queue.push(in_lane(static_cast<frame_lane>(lane), body), true));
  std::array<int, lane_count> served{};
  for (int i = 0; i < 1000; ++i) ++served[static_cast<std::size_t>(queue.pop().frame.lane)];
  CHECK(served[0] > served[1]);
  CHECK(served[1] > served[2]);
  CHECK(served[2] > served[3]);
  CHECK(served[3] >= 90);
}

TEST_CASE("a lane keeps the order of its frames", "[protocol][frame_queue]") {
  auto queue = make_queue();
  for (const auto* text : {"a", "b", "c"}) REQUIRE_FALSE(queue.push(frame_of(text), true));
  for (const auto* text : {"a", "b", "c"}) CHECK(queue.pop().frame.body.text() == text);
  CHECK(queue.empty());
}

TEST_CASE("while the link is not open all lanes together are bounded", "[protocol][frame_queue]") {
  auto queue = make_queue();
  const std::string body(936, 'x');
  for (int i = 0; i < 5; ++i) REQUIRE_FALSE(queue.push(frame_of(body), false));
  CHECK(queue.push(in_lane(frame_lane::control, body), false) == protocol_errc::would_block);
  CHECK_FALSE(queue.push(in_lane(frame_lane::control, body), true));
  CHECK_FALSE(queue.take_writable(false));
  CHECK(queue.take_writable(true) == frame_lane::control);
  CHECK_FALSE(queue.take_writable(true));
}

TEST_CASE("empty frames fill a lane too", "[protocol][frame_queue]") {
  auto queue = make_queue();
  int taken = 0;
  while (!queue.push(frame_of(""), true)) ++taken;
  CHECK(taken == 10'000 / 64);
}

TEST_CASE("a fresh frame takes the place of the one before", "[protocol][frame_queue]") {
  auto queue = make_queue();
  REQUIRE_FALSE(queue.push(frame_of("old", frame_care::fresh, 1), true));
  REQUIRE_FALSE(queue.push(frame_of("other", frame_care::fresh, 2), true));
  REQUIRE_FALSE(queue.push(frame_of("newer", frame_care::fresh, 1), true));
  CHECK(queue.frames() == 2);
  CHECK(queue.bytes(frame_lane::group) == 5 + 5 + 2 * 64);
  CHECK(queue.pop().frame.body.text() == "newer");
  CHECK(queue.pop().frame.body.text() == "other");
  CHECK(queue.bytes(frame_lane::group) == 0);
}

TEST_CASE("a fresh frame that replaces one never blocks", "[protocol][frame_queue]") {
  auto queue = make_queue();
  REQUIRE_FALSE(queue.push(frame_of("old", frame_care::fresh, 1), true));
  while (!queue.push(frame_of(""), true)) {}
  CHECK(queue.push(frame_of("stranger", frame_care::fresh, 2), true) == protocol_errc::would_block);
  CHECK_FALSE(queue.push(frame_of("newer", frame_care::fresh, 1), true));
}

TEST_CASE("a lost fresh frame is sent again only if nothing newer left",
          "[protocol][frame_queue]") {
  auto queue = make_queue();
  REQUIRE_FALSE(queue.push(frame_of("first", frame_care::fresh, 1), true));
  auto first = queue.pop();
  REQUIRE_FALSE(queue.push(frame_of("second", frame_care::fresh, 1), true));
  CHECK_FALSE(queue.on_lost(queued_frame{first}));
  auto second = queue.pop();
  CHECK_FALSE(queue.on_lost(queued_frame{first}));
  CHECK(queue.on_lost(queued_frame{second}));
  second = queue.pop();
  CHECK(second.frame.body.text() == "second");
  queue.on_acked(second);
  CHECK_FALSE(queue.on_lost(std::move(first)));
  // Nor may it pass for the newest when the slot is used again.
  REQUIRE_FALSE(queue.push(frame_of("third", frame_care::fresh, 1), true));
  auto third = queue.pop();
  CHECK_FALSE(queue.on_lost(std::move(second)));
  CHECK(queue.on_lost(std::move(third)));
}

TEST_CASE("a lost reliable frame is sent again, a repairable one once", "[protocol][frame_queue]") {
  auto queue = make_queue();
  REQUIRE_FALSE(queue.push(frame_of("r"), true));
  for (int i = 0; i < 5; ++i) CHECK(queue.on_lost(queue.pop()));
  CHECK(queue.pop().frame.body.text() == "r");
  REQUIRE_FALSE(queue.push(frame_of("p", frame_care::repairable), true));
  CHECK(queue.on_lost(queue.pop()));
  CHECK_FALSE(queue.on_lost(queue.pop()));
  CHECK(queue.empty());
}
