// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/link_set.hpp"

#include <algorithm>
#include <set>

#include "tests/catch.hpp"
#include "tests/protocol/link/wire_pair.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::set<std::string> set_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

/// Sends `count` reliable frames each way, as room allows, and says whether all arrived.
bool all_arrive(wire_pair& net, int count, duration patience) {
  int sent = 0;
  const auto end = net.now + patience;
  while (net.now < end) {
    for (int burst = 0; burst < 20 && sent < count; ++burst, ++sent) {
      const auto text = std::to_string(sent);
      if (net.send(1, 2, frame_of(text)) || net.send(2, 1, frame_of(text))) break;
    }
    net.run_for(milliseconds{5});
    const auto want = static_cast<std::size_t>(count);
    if (sent == count && set_of(net.nodes[1].received).size() == want &&
        set_of(net.nodes[2].received).size() == want)
      return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a frame to a peer with an address opens the link and arrives", "[protocol][link]") {
  wire_pair net{1};
  REQUIRE_FALSE(net.send(1, 2, frame_of("hello", frame_care::reliable, 0, /*token=*/7)));
  net.run_for(seconds{1});
  CHECK(net.nodes[2].received == std::vector<std::string>{"hello"});
  CHECK(net.nodes[1].acked == std::vector<std::uint64_t>{7});
  CHECK(net.nodes[1].peers_up == std::vector{incarnation{id_of(2), boot_epoch{20}}});
  CHECK(net.nodes[2].peers_up == std::vector{incarnation{id_of(1), boot_epoch{10}}});
  CHECK(net.nodes[1].links->epoch_of(id_of(2)) == boot_epoch{20});
  CHECK(net.nodes[1].links->round_trip(id_of(2)) < milliseconds{1});
}

TEST_CASE("an idle link has no timers", "[protocol][link]") {
  wire_pair net{2};
  REQUIRE_FALSE(net.send(1, 2, frame_of("hello")));
  net.run_for(seconds{6});
  CHECK_FALSE(net.nodes[1].links->next_deadline());
  CHECK_FALSE(net.nodes[2].links->next_deadline());
  const auto before = net.datagrams;
  net.run_for(std::chrono::hours{24});
  CHECK(net.datagrams == before);
  REQUIRE_FALSE(net.send(2, 1, frame_of("still open")));
  net.run_for(milliseconds{10});
  CHECK(net.nodes[1].received == std::vector<std::string>{"still open"});
}

TEST_CASE("frames of one flush share a datagram", "[protocol][link]") {
  wire_pair net{3};
  REQUIRE_FALSE(net.send(1, 2, frame_of("open")));
  net.run_for(seconds{1});
  const auto before = net.datagrams;
  for (int i = 0; i < 30; ++i) REQUIRE_FALSE(net.send(1, 2, frame_of(std::to_string(i))));
  net.flush(1);
  CHECK(net.datagrams == before + 1);
}

TEST_CASE("both sides may open at once", "[protocol][link]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    wire_pair net{seed};
    REQUIRE_FALSE(net.send(1, 2, frame_of("from one")));
    if (seed % 2 == 0) net.run_for(std::chrono::microseconds{seed * 10});
    REQUIRE_FALSE(net.send(2, 1, frame_of("from two")));
    net.run_for(milliseconds{50});
    CHECK(net.nodes[2].received == std::vector<std::string>{"from one"});
    CHECK(net.nodes[1].received == std::vector<std::string>{"from two"});
    CHECK(net.nodes[1].peers_up.size() == 1);
    CHECK(net.nodes[2].peers_up.size() == 1);
  }
}

TEST_CASE("every reliable frame arrives, whatever the wire does", "[protocol][link]") {
  const auto base = seed_of_run(4);
  for (const double loss : {0.0, 0.05, 0.2, 0.4})
    for (const auto delay : {duration{milliseconds{1} / 10}, duration{milliseconds{40}}})
      for (std::uint64_t run = 0; run < 10; ++run) {
        const auto seed = base + run;
        INFO("seed " << seed << " loss " << loss << " delay " << delay.count());
        wire_pair net{seed, {loss, 0.1, 0.1, delay, delay / 5}};
        CHECK(all_arrive(net, 500, seconds{60}));
      }
}

TEST_CASE("a perfect wire delivers each frame exactly once", "[protocol][link]") {
  wire_pair net{5};
  REQUIRE(all_arrive(net, 2000, seconds{10}));
  CHECK(net.nodes[1].received.size() == 2000);
  CHECK(net.nodes[2].received.size() == 2000);
  CHECK(net.nodes[1].links->counters().frames_resent == 0);
  CHECK(net.nodes[1].links->counters().probe_timeouts == 0);
}

TEST_CASE("the newest fresh frame of a slot arrives in the end", "[protocol][link]") {
  const auto base = seed_of_run(6);
  for (std::uint64_t seed = base; seed < base + 30; ++seed) {
    INFO("seed " << seed);
    wire_pair net{seed, {0.3, 0.1, 0.1}};
    for (int i = 0; i < 300; ++i) {
      REQUIRE_FALSE(net.send(1, 2, frame_of("s0 " + std::to_string(i), frame_care::fresh, 0)));
      REQUIRE_FALSE(net.send(1, 2, frame_of("s1 " + std::to_string(i), frame_care::fresh, 1)));
      net.run_for(std::chrono::microseconds{net.chance.below(2000)});
    }
    net.run_for(seconds{10});
    const auto got = set_of(net.nodes[2].received);
    CHECK(got.count("s0 299") == 1);
    CHECK(got.count("s1 299") == 1);
  }
}

TEST_CASE("a full lane blocks, and says when there is room again", "[protocol][link]") {
  wire_pair net{7};
  std::error_code error;
  std::size_t sent = 0;
  const std::string body(1000, 'x');
  while (!(error = net.send(1, 2, frame_of(body)))) ++sent;
  CHECK(error == protocol_errc::would_block);
  CHECK(sent * 1000 <= 64 * 1024);
  CHECK(net.nodes[1].links->counters().would_block == 1);
  net.run_for(seconds{1});
  CHECK(net.nodes[1].writable == std::vector{frame_lane::group});
  CHECK(net.nodes[2].received.size() == sent);

  net.cut = true;
  sent = 0;
  while (!net.send(1, 2, frame_of(body))) {
    net.flush(1);
    ++sent;
  }
  CHECK(sent * 1000 <= 2 * 256 * 1024);
  net.cut = false;
  net.run_for(seconds{10});
  CHECK(net.nodes[1].writable.size() == 2);
}

TEST_CASE("what is larger than a frame or has no address is refused", "[protocol][link]") {
  wire_pair net{8};
  CHECK(net.send(1, 2, frame_of(std::string(1091, 'x'))) == protocol_errc::too_large);
  CHECK_FALSE(net.send(1, 2, frame_of(std::string(1090, 'x'))));
  CHECK(net.send(1, 9, frame_of("nobody")) == protocol_errc::unknown_peer);
  net.run_for(seconds{1});
  CHECK(net.nodes[2].received.size() == 1);
}

TEST_CASE("a restarted peer is met in its new life, without the old life's frames",
          "[protocol][link]") {
  for (const bool speaks_first : {false, true}) {
    wire_pair net{9};
    REQUIRE(all_arrive(net, 10, seconds{5}));
    net.start(2, boot_epoch{21});
    REQUIRE_FALSE(net.send(1, 2, frame_of("for the old life")));
    if (speaks_first) REQUIRE_FALSE(net.send(2, 1, frame_of("here I am")));
    net.run_for(seconds{2});
    CHECK(net.nodes[1].peers_up.back() == incarnation{id_of(2), boot_epoch{21}});
    CHECK(net.nodes[2].received.empty());
    REQUIRE_FALSE(net.send(1, 2, frame_of("for the new life")));
    net.run_for(seconds{1});
    CHECK(net.nodes[2].received == std::vector<std::string>{"for the new life"});
  }
}

TEST_CASE("a restart is noticed within a few round trips of a frame", "[protocol][link]") {
  wire_pair net{10};
  REQUIRE(all_arrive(net, 10, seconds{5}));
  net.start(2, boot_epoch{21});
  REQUIRE_FALSE(net.send(1, 2, frame_of("anyone?")));
  net.run_for(milliseconds{100});
  CHECK(net.nodes[1].peers_up.back() == incarnation{id_of(2), boot_epoch{21}});
}

TEST_CASE("a node of an earlier life is not answered", "[protocol][link]") {
  wire_pair net{11};
  REQUIRE(all_arrive(net, 10, seconds{5}));
  net.start(2, boot_epoch{19});
  REQUIRE_FALSE(net.send(2, 1, frame_of("ghost")));
  net.run_for(seconds{1});
  CHECK(net.nodes[1].links->counters().dropped_stale_epoch > 0);
  CHECK(net.nodes[1].links->epoch_of(id_of(2)) == boot_epoch{20});
  CHECK(net.nodes[1].peers_up.size() == 1);
}

TEST_CASE("a silent peer is unreachable after 90 s, and its queue is given up",
          "[protocol][link]") {
  wire_pair net{12};
  net.cut = true;
  REQUIRE_FALSE(net.send(1, 2, frame_of("lost", frame_care::reliable)));
  net.run_for(seconds{89});
  CHECK(net.nodes[1].unreachable.empty());
  net.run_for(seconds{2});
  CHECK(net.nodes[1].unreachable == std::vector{id_of(2)});
  CHECK_FALSE(net.nodes[1].links->next_deadline());
  CHECK(net.nodes[1].wakeups < 60);
  net.cut = false;
  REQUIRE_FALSE(net.send(1, 2, frame_of("again")));
  net.run_for(seconds{1});
  CHECK(net.nodes[2].received == std::vector<std::string>{"again"});
}

TEST_CASE("an open link that loses its peer gives up after 90 s too", "[protocol][link]") {
  wire_pair net{13};
  REQUIRE(all_arrive(net, 10, seconds{5}));
  net.cut = true;
  REQUIRE_FALSE(net.send(1, 2, frame_of("lost")));
  net.run_for(seconds{100});
  CHECK(net.nodes[1].unreachable == std::vector{id_of(2)});
  CHECK_FALSE(net.nodes[1].links->next_deadline());
}

TEST_CASE("a cut that heals loses no reliable frame", "[protocol][link]") {
  wire_pair net{14};
  REQUIRE(all_arrive(net, 10, seconds{5}));
  net.cut = true;
  for (int i = 0; i < 50; ++i) {
    REQUIRE_FALSE(net.send(1, 2, frame_of("a" + std::to_string(i))));
    REQUIRE_FALSE(net.send(2, 1, frame_of("b" + std::to_string(i))));
  }
  net.run_for(seconds{40});
  net.cut = false;
  net.run_for(seconds{10});
  CHECK(set_of(net.nodes[1].received).size() == 60);
  CHECK(set_of(net.nodes[2].received).size() == 60);
}

TEST_CASE("a peer held dead is given up, and may come back", "[protocol][link]") {
  wire_pair net{15};
  net.cut = true;
  REQUIRE_FALSE(net.send(1, 2, frame_of("never")));
  net.run_for(seconds{1});
  net.nodes[1].links->on_peer_gone(id_of(2), net.now);
  net.run_for(seconds{1});
  CHECK_FALSE(net.nodes[1].links->next_deadline());
  net.cut = false;
  REQUIRE_FALSE(net.send(1, 2, frame_of("now")));
  net.run_for(seconds{1});
  CHECK(net.nodes[2].received == std::vector<std::string>{"now"});
}

TEST_CASE("a node that closes its links is forgotten at once", "[protocol][link]") {
  wire_pair net{16};
  REQUIRE(all_arrive(net, 10, seconds{5}));
  net.nodes[2].links->close(net.now);
  net.run_for(milliseconds{50});
  CHECK_FALSE(net.nodes[1].links->epoch_of(id_of(2)));
  CHECK_FALSE(net.nodes[1].links->next_deadline());
}

TEST_CASE("a swim datagram needs no session", "[protocol][link]") {
  wire_pair net{17};
  net.nodes[1].links->send_swim(address_of(2), shared_bytes::copy_of(std::string_view{"ping"}));
  net.run_for(milliseconds{1});
  CHECK(net.nodes[2].swim == std::vector<std::string>{"ping"});
}

TEST_CASE("a moved peer is reached at its new address", "[protocol][link]") {
  wire_pair net{18};
  net.nodes[1].links->on_address(id_of(2), address_of(9), net.now);
  REQUIRE_FALSE(net.send(1, 2, frame_of("hello")));
  net.run_for(milliseconds{20});
  CHECK(net.nodes[2].received.empty());
  net.nodes[1].links->on_address(id_of(2), address_of(2), net.now);
  net.run_for(milliseconds{1000});
  CHECK(net.nodes[2].received == std::vector<std::string>{"hello"});
}
