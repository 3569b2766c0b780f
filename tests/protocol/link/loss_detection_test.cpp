// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/loss_detection.hpp"

#include <rapidcheck.h>

#include <set>

#include "protocol/errors.hpp"
#include "protocol/link/new_reno.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/link/wire_pair.hpp"

using namespace causerie::protocol;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// A sender whose every packet carries one frame, its body the packet's number.
struct sender final : frame_fates {
  loss_detection loss{std::make_unique<new_reno>(1200)};
  instant now{seconds{1000}};
  std::vector<std::string> acked_frames, lost_frames;

  void on_frame_acked(queued_frame&& frame) override {
    acked_frames.emplace_back(frame.frame.body.text());
  }
  void on_frame_lost(queued_frame&& frame) override {
    lost_frames.emplace_back(frame.frame.body.text());
  }
  void send(int count = 1) {
    for (; count != 0; --count) {
      loss.sent().add_frame({test::frame_of(std::to_string(loss.sent().next()))});
      loss.on_sent(now, 1200, std::nullopt);
    }
  }
  loss_detection::acked ack(std::vector<packet_range> ranges, duration delay = {}) {
    loss_detection::acked what;
    REQUIRE_FALSE(loss.on_ack(ranges, delay, now, *this, what));
    return what;
  }
  /// Gives the path a round-trip time.
  void measure(duration rtt) {
    for (int i = 0; i < 30; ++i) {
      send();
      now += rtt;
      const auto number = loss.sent().next() - 1;
      ack({{number, number}});
    }
    acked_frames.clear();
    lost_frames.clear();
  }
};

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a packet is lost when a third later one is acknowledged", "[protocol][loss_detection]") {
  sender one;
  one.send(4);
  one.now += milliseconds{10};
  one.ack({{2, 2}});
  CHECK(one.lost_frames.empty());
  one.ack({{3, 3}});
  CHECK(one.lost_frames == texts{"0"});
}

TEST_CASE("a packet is lost 9/8 of a round trip after a later one was acknowledged",
          "[protocol][loss_detection]") {
  sender one;
  one.measure(milliseconds{80});
  const auto sent_at = one.now;
  one.send(2);
  one.now += milliseconds{80};
  one.ack({{31, 31}});
  CHECK(one.lost_frames.empty());
  REQUIRE(one.loss.next_deadline() == sent_at + milliseconds{90});
  one.now = sent_at + milliseconds{90};
  CHECK(one.loss.on_deadline(one.now, one).what == loss_detection::timer::loss);
  CHECK(one.lost_frames == texts{"30"});
  CHECK_FALSE(one.loss.next_deadline());
}

TEST_CASE("the first probe comes after the initial timeout, each later one after twice as long",
          "[protocol][loss_detection]") {
  sender one;
  one.send();
  // 333 ms + 4 x 166.5 ms + 25 ms.
  auto expected = duration{milliseconds{1024}};
  for (int i = 0; i < 2; ++i, expected *= 2) {
    REQUIRE(one.loss.next_deadline() == one.now + expected);
    one.now += expected;
    CHECK(one.loss.on_deadline(one.now, one).what == loss_detection::timer::probe);
  }
  CHECK(one.loss.next_deadline() == one.now + seconds{3});
  CHECK(one.lost_frames.empty());
  one.ack({{0, 0}});
  CHECK(one.loss.probe_count() == 0);
  CHECK_FALSE(one.loss.next_deadline());
}

TEST_CASE("near paths probe after a few milliseconds, never sooner than 2",
          "[protocol][loss_detection]") {
  sender one;
  one.measure(microseconds{100});
  one.send();
  CHECK(one.loss.next_deadline() == one.now + milliseconds{2});
  sender far;
  far.measure(milliseconds{40});
  far.send();
  CHECK(*far.loss.next_deadline() >= far.now + milliseconds{65});
}

TEST_CASE("an ACK for a packet never sent, or skipped, is refused and changes nothing",
          "[protocol][loss_detection]") {
  sender one;
  one.send(2);
  one.loss.sent().skip();
  one.send(1);
  const std::vector<std::vector<packet_range>> lies{
      {{0, 4}}, {{4, 4}}, {{0, 3}}, {{2, 2}}, {{3, 3}, {0, 2}}};
  for (const auto& ranges : lies) {
    loss_detection::acked what;
    CHECK(one.loss.on_ack(ranges, {}, one.now, one, what) == protocol_errc::refused);
    CHECK_FALSE(what.progress);
  }
  CHECK(one.acked_frames.empty());
  one.ack({{3, 3}, {0, 1}});
  CHECK(one.acked_frames == texts{"3", "0", "1"});
  // Long after it has been forgotten otherwise, a skipped number is still known.
  one.measure(milliseconds{1});
  loss_detection::acked what;
  const std::vector<packet_range> late{{0, 3}};
  CHECK(one.loss.on_ack(late, {}, one.now, one, what) == protocol_errc::refused);
}

TEST_CASE("the RTT comes from the largest newly acknowledged packet, less the peer's delay",
          "[protocol][loss_detection]") {
  sender one;
  one.send();
  one.now += milliseconds{100};
  one.ack({{0, 0}}, milliseconds{20});
  CHECK(one.loss.rtt().smoothed() == milliseconds{100});  // The first is taken as it is.
  CHECK(one.loss.rtt().variation() == milliseconds{50});
  one.send();
  one.now += milliseconds{120};
  one.ack({{1, 1}}, milliseconds{20});
  CHECK(one.loss.rtt().smoothed() == milliseconds{100});
  CHECK(one.loss.rtt().variation() == duration{milliseconds{75}} / 2);
  one.now += seconds{1};
  one.ack({{0, 1}});  // Nothing new.
  CHECK(one.loss.rtt().latest() == milliseconds{120});
  // A delay that would bring it below the minimum is not believed.
  one.send();
  one.now += milliseconds{101};
  one.ack({{2, 2}}, milliseconds{25});
  CHECK(one.loss.rtt().smoothed() >= milliseconds{100});
}

TEST_CASE("one round trip's losses halve the window once", "[protocol][loss_detection]") {
  sender one;
  one.measure(milliseconds{40});
  const auto before = one.loss.window_bytes();
  one.send(8);
  one.now += milliseconds{40};
  one.ack({{33, 33}});
  const auto after = one.loss.window_bytes();
  CHECK(after == std::max<std::size_t>(before / 2, 4800));
  one.ack({{37, 37}});
  CHECK(one.loss.window_bytes() == after);
  CHECK(one.lost_frames == texts{"30", "34", "32", "31"});  // Newest first: see frame_queue.
}

TEST_CASE("on a near path loss without a longer RTT is chance", "[protocol][loss_detection]") {
  sender one;
  one.measure(microseconds{100});
  const auto before = one.loss.window_bytes();
  one.send(8);
  one.now += microseconds{100};
  one.ack({{33, 33}});
  CHECK(one.lost_frames.size() == 1);
  CHECK(one.loss.window_bytes() >= before);
  one.send(8);
  one.now += milliseconds{2};  // The RTT has grown: now it is a queue.
  one.ack({{43, 43}});
  CHECK(one.loss.window_bytes() < before);
}

TEST_CASE("losses that span three probe timeouts are persistent congestion",
          "[protocol][loss_detection]") {
  sender one;
  one.measure(milliseconds{40});
  one.send();
  one.now += seconds{2};
  one.send(1);
  one.now += milliseconds{10};
  one.send(4);
  one.now += milliseconds{40};
  one.ack({{35, 35}});
  // The minimum, and what the acknowledged packet adds in slow start.
  CHECK(one.loss.window_bytes() == 4800 + 1200);
}

TEST_CASE("a probe takes the frames of the oldest packet once", "[protocol][loss_detection]") {
  sender one;
  one.send(2);
  CHECK(one.loss.take_oldest_frames(one));
  CHECK(one.loss.take_oldest_frames(one));
  CHECK_FALSE(one.loss.take_oldest_frames(one));
  CHECK(one.lost_frames == texts{"0", "1"});
  one.ack({{0, 1}});
  CHECK(one.acked_frames.empty());
}

TEST_CASE("in slow start a used window doubles each round trip, an unused one stays",
          "[protocol][new_reno]") {
  const instant then{seconds{1}};
  new_reno used{1200}, unused{1200};
  CHECK(used.window_bytes() == 12'000);
  for (int i = 0; i < 10; ++i) {
    used.on_ack(1200, then, 12'000);
    unused.on_ack(1200, then, 1200);
  }
  CHECK(used.window_bytes() == 24'000);
  CHECK(unused.window_bytes() == 12'000);
}

TEST_CASE("in congestion avoidance the window grows by a datagram per round trip",
          "[protocol][new_reno]") {
  const instant then{seconds{1}};
  new_reno window{1200};
  window.on_loss(then, then + seconds{1});
  CHECK(window.window_bytes() == 6000);
  window.on_ack(1200, then + seconds{1}, 6000);  // Sent before recovery: no growth.
  for (int i = 0; i < 5; ++i) window.on_ack(1200, then + seconds{2}, 6000);
  CHECK(window.window_bytes() == 7200);
  for (int i = 3; i < 20; ++i) window.on_loss(then + seconds{i}, then + seconds{i});
  CHECK(window.window_bytes() == 4800);
}

TEST_CASE("acks and losses agree with a model that remembers every packet",
          "[protocol][loss_detection]") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& script) {
    sender one;
    one.measure(milliseconds{10});
    std::set<packet_number> flying;  // Neither acknowledged nor lost.
    std::size_t frames = 0;
    for (const auto step : script) {
      const auto end = one.loss.sent().next();
      if (step % 4 != 0) {
        flying.insert(end);
        one.send();
        ++frames;
      } else if (end > 30) {
        const auto last = end - 1 - step / 4 % std::min<packet_number>(8, end - 30);
        const auto first = last - std::min<packet_number>(step / 64, last - 30);
        one.now += microseconds{1};  // No time threshold within a run.
        loss_detection::acked what;
        const std::vector<packet_range> ranges{{first, last}};
        RC_ASSERT(!one.loss.on_ack(ranges, {}, one.now, one, what));
        const auto before = flying.size();
        for (auto number = first; number <= last; ++number) flying.erase(number);
        RC_ASSERT(what.progress == (flying.size() != before));
        std::size_t lost = 0;
        if (what.progress)
          while (!flying.empty() && *flying.begin() + 3 <= std::max(last, *flying.begin())) {
            flying.erase(flying.begin());
            ++lost;
          }
        RC_ASSERT(what.packets_lost >= lost);
        while (lost++ < what.packets_lost) flying.erase(flying.begin());
      }
      RC_ASSERT(one.loss.in_flight_bytes() == 1200 * flying.size());
      RC_ASSERT(one.acked_frames.size() + one.lost_frames.size() + flying.size() == frames);
    }
  }));
}
