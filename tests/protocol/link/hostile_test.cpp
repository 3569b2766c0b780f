// SPDX-License-Identifier: BSL-1.0
//
// Datagrams that no correct peer sends: each is counted by its cause and changes nothing else.
#include "protocol/link/null_session.hpp"
#include "protocol/link/packet.hpp"
#include "protocol/link/packet_frames.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/link/wire_pair.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const auto our_cluster = hash_of_cluster("causerie");
const incarnation victim_life{id_of(2), boot_epoch{20}};
const incarnation forger_life{id_of(1), boot_epoch{10}};

/// A node that plays by no rules, in session with a link_set that does.
struct forger {
  link_set victim{victim_life, {}, 1};
  instant now{seconds{1000}};
  null_session session{forger_life.epoch, victim_life.epoch};
  session_index index = 0;
  std::vector<shared_bytes> answers;
  std::vector<std::string> received;
  std::size_t ups = 0;

  void give(const shared_bytes& bytes) {
    const datagram one{address_of(1), bytes};
    victim.on_datagrams({&one, 1}, now);
    victim.flush(now);
    while (auto output = victim.poll()) {
      if (auto* out = std::get_if<link_set::transmit>(&*output)) answers.push_back(out->bytes);
      if (auto* in = std::get_if<link_set::frame_received>(&*output))
        received.emplace_back(in->body.text());
      if (std::holds_alternative<link_set::peer_up>(*output)) ++ups;
    }
  }
  void give_hello(const hello& message) { give(encode_hello(our_cluster, message)); }
  shared_bytes packet(packet_number number, const byte_buffer& frames) const {
    byte_buffer bytes(session::overhead_bytes);
    write_header({index, number}, bytes.data());
    bytes.insert(bytes.end(), frames.begin(), frames.end());
    session.seal(number, bytes);
    return shared_bytes{std::move(bytes)};
  }
  void shake_hands() {
    give_hello({forger_life, victim_life.node, 77, 1});
    REQUIRE(answers.size() == 1);
    index = decode_hello_ack(our_cluster, answers[0])->index;
    give(packet(0, {std::byte{1}}));
    REQUIRE(ups == 1);
    answers.clear();
  }
  const link_counters& counters() const { return victim.counters(); }
};

byte_buffer body(std::uint8_t kind, std::string_view text) {
  byte_buffer out{static_cast<std::byte>(kind), static_cast<std::byte>(text.size())};
  for (const char c : text) out.push_back(static_cast<std::byte>(c));
  return out;
}

shared_bytes altered(const shared_bytes& bytes, std::size_t at) {
  byte_buffer copy(bytes.view().begin(), bytes.view().end());
  copy[at] ^= std::byte{1};
  return shared_bytes{std::move(copy)};
}

}  // namespace

TEST_CASE("a hello's answer is smaller than the hello", "[protocol][link][hostile]") {
  forger mallory;
  mallory.give_hello({forger_life, std::nullopt, 77, 1});
  REQUIRE(mallory.answers.size() == 1);
  CHECK(mallory.answers[0].size() < 100);
}

TEST_CASE("hellos of another version, cluster, size or addressee are not answered",
          "[protocol][link][hostile]") {
  forger mallory;
  const auto good = encode_hello(our_cluster, {forger_life, victim_life.node, 77, 1});
  mallory.give(altered(good, 1));
  CHECK(mallory.counters().dropped_version == 1);
  mallory.give(altered(good, 5));
  CHECK(mallory.counters().dropped_cluster == 1);
  mallory.give(good.slice(0, 1199));
  CHECK(mallory.counters().dropped_malformed == 1);
  mallory.give(altered(good, 1199));  // The padding is zeros.
  CHECK(mallory.counters().dropped_malformed == 2);
  mallory.give_hello({forger_life, id_of(9), 77, 1});
  mallory.give_hello({victim_life, victim_life.node, 77, 1});
  CHECK(mallory.counters().dropped_misdirected == 2);
  CHECK(mallory.answers.empty());
}

TEST_CASE("truncated, unknown and oversized datagrams are counted", "[protocol][link][hostile]") {
  forger mallory;
  mallory.give({});
  mallory.give(shared_bytes::copy_of(std::string_view{"\x63nonsense"}));
  mallory.give(shared_bytes::copy_of(std::string_view{"\x03short"}));
  mallory.give(shared_bytes::copy_of(std::string_view{"\x02"}));
  CHECK(mallory.counters().dropped_malformed == 4);
  mallory.give(shared_bytes::copy_of(std::string(1501, '\x03')));
  CHECK(mallory.counters().dropped_oversized == 1);
  mallory.give(shared_bytes::copy_of(std::string(100, '\x03')));
  CHECK(mallory.counters().dropped_unknown_session == 1);
  CHECK(mallory.answers.empty());
}

TEST_CASE("a session is made by the peer's first packet, not by its hello",
          "[protocol][link][hostile]") {
  forger mallory;
  mallory.shake_hands();
  mallory.give(mallory.packet(1, body(16, "one")));
  // A replayed or forged hello gets an answer, and nothing else happens to the session.
  mallory.give_hello({forger_life, victim_life.node, 78, 1});
  mallory.give(mallory.packet(2, body(16, "two")));
  CHECK(mallory.received == std::vector<std::string>{"one", "two"});
  CHECK(mallory.ups == 1);
}

TEST_CASE("a packet counts once", "[protocol][link][hostile]") {
  forger mallory;
  mallory.shake_hands();
  for (int i = 0; i < 3; ++i) mallory.give(mallory.packet(1, body(16, "one")));
  CHECK(mallory.received.size() == 1);
  CHECK(mallory.counters().dropped_replayed == 2);
}

TEST_CASE("a packet between other lives is dropped", "[protocol][link][hostile]") {
  forger mallory;
  mallory.shake_hands();
  mallory.session = null_session{boot_epoch{9}, victim_life.epoch};
  mallory.give(mallory.packet(1, body(16, "ghost")));
  mallory.session = null_session{forger_life.epoch, boot_epoch{19}};
  mallory.give(mallory.packet(2, body(16, "for a ghost")));
  CHECK(mallory.received.empty());
  CHECK(mallory.counters().dropped_stale_epoch == 2);
}

TEST_CASE("one bad frame rejects its whole packet, and the number stays free",
          "[protocol][link][hostile]") {
  forger mallory;
  mallory.shake_hands();
  auto frames = body(16, "good");
  frames.push_back(std::byte{17});
  frames.push_back(std::byte{200});
  mallory.give(mallory.packet(1, frames));
  CHECK(mallory.received.empty());
  CHECK(mallory.counters().dropped_malformed == 1);
  mallory.give(mallory.packet(1, body(16, "good")));
  CHECK(mallory.received == std::vector<std::string>{"good"});
}

TEST_CASE("more than 64 frames, or none, make a malformed packet", "[protocol][link][hostile]") {
  forger mallory;
  mallory.shake_hands();
  mallory.give(mallory.packet(1, byte_buffer(65, std::byte{1})));
  mallory.give(mallory.packet(2, {}));
  CHECK(mallory.counters().dropped_malformed == 2);
  mallory.give(mallory.packet(3, byte_buffer(64, std::byte{1})));
  CHECK(mallory.counters().dropped_malformed == 2);
}

TEST_CASE("an unknown frame type ends the link", "[protocol][link][hostile]") {
  forger mallory;
  mallory.shake_hands();
  mallory.give(mallory.packet(1, {std::byte{99}}));
  CHECK(mallory.counters().dropped_malformed == 1);
  CHECK_FALSE(mallory.victim.epoch_of(forger_life.node));
}

TEST_CASE("an ACK for packets never sent ends the link", "[protocol][link][hostile]") {
  forger mallory;
  mallory.shake_hands();
  ack_frame ack;
  ack.largest = 40;
  byte_buffer frames{std::byte{2}};
  wire::encode_to(frames, ack);
  mallory.give(mallory.packet(1, frames));
  CHECK(mallory.counters().dropped_optimistic_ack == 1);
  CHECK_FALSE(mallory.victim.epoch_of(forger_life.node));
}

TEST_CASE("half-open handshakes are bounded and forgotten after 5 s", "[protocol][link][hostile]") {
  link_config small;
  small.half_open_max = 10;
  forger mallory;
  mallory.victim = link_set{victim_life, small, 1};
  for (std::uint8_t i = 100; i < 130; ++i)
    mallory.give_hello({{id_of(i), boot_epoch{1}}, std::nullopt, 77, 1});
  CHECK(mallory.answers.size() == 10);
  CHECK(mallory.counters().dropped_half_open_full == 20);
  mallory.now += seconds{5};
  mallory.victim.on_deadline(mallory.now);
  CHECK_FALSE(mallory.victim.next_deadline());
  mallory.give_hello({{id_of(131), boot_epoch{1}}, std::nullopt, 77, 1});
  CHECK(mallory.answers.size() == 11);
}

TEST_CASE("a session's index alone opens nothing", "[protocol][link][hostile]") {
  forger mallory;
  mallory.shake_hands();
  for (session_index guess = 0; guess < 2000; ++guess) {
    if (guess == mallory.index) continue;
    auto other = mallory.packet(1, body(16, "guess"));
    byte_buffer copy(other.view().begin(), other.view().end());
    write_header({guess, 1}, copy.data());
    mallory.give(shared_bytes{std::move(copy)});
  }
  CHECK(mallory.received.empty());
}
