// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/swim_datagram.hpp"

#include "protocol/random.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/membership/swim_cluster.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::swim;

namespace {

incarnation someone(std::uint8_t n) {
  incarnation who{{}, boot_epoch{1'700'000'000'000}};
  who.node.octets.fill(n);
  return who;
}

member_record alive(std::uint8_t n, std::string name = "ann") {
  return {member_state::alive, someone(n), 3,
          member_profile{std::move(name), socket_address::v4(10, 0, 0, n, 7450)}};
}

swim_datagram packet(datagram_body body) {
  return {{version_major, version_minor, cluster_hash("causerie"), someone(1)}, std::move(body)};
}

bool malformed(const swim_datagram& message) {
  const auto parsed = parse_datagram(wire::encode(message));
  return !parsed && parsed.error() == protocol_errc::malformed;
}

}  // namespace

TEST_CASE("every kind of swim datagram reads back as written", "[protocol][swim_datagram]") {
  const auto range = key_range::all();
  const std::vector<datagram_body> bodies{probe_body{probe_kind::ping, 7, someone(2), true},
                                          probe_body{probe_kind::ping_request, 8, someone(2), false,
                                                     socket_address::v4(127, 0, 0, 1, 9)},
                                          gossip_body{},
                                          exchange_request{1, 2, true, {range}},
                                          exchange_part{1, range, true},
                                          join_request{5, {range}},
                                          join_refusal{6, "full"}};
  for (const auto& body : bodies) {
    auto message = packet(body);
    message.members = {alive(4),
                       {member_state::suspect, someone(5), 1, {}, someone(6).node},
                       {member_state::dead, someone(7), 1, {}, someone(6).node, true}};
    message.presences = {{someone(4), make_group_id("causerie", "lobby"), 300, true}};
    const auto bytes = encode_datagram(message);
    const auto parsed = parse_datagram(bytes);
    REQUIRE(parsed);
    CHECK(parsed->body.index() == body.index());
    CHECK(parsed->members.at(1).accuser == someone(6).node);
    CHECK_FALSE(parsed->members.at(1).refused);
    CHECK(parsed->members.at(2).refused);
    CHECK(parsed->members.at(0).profile->name == "ann");
    CHECK(std::ranges::equal(encode_datagram(*parsed).view(), bytes.view()));
  }
}

TEST_CASE("a full load of gossip fits into one datagram", "[protocol][swim_datagram]") {
  auto message = packet(
      probe_body{probe_kind::ping_request, ~0ull, someone(2), true, alive(3).profile->address});
  for (std::uint8_t n = 0; n < piggyback_records_max; ++n) {
    auto record = alive(n, std::string(name_bytes_max, 'x'));
    record.who.epoch = boot_epoch{~0ull};
    record.refutations = refutations_max;
    message.members.push_back(std::move(record));
  }
  CHECK(wire::encoded_size(message) <= datagram_bytes_max);
}

TEST_CASE("a foreign major version is told apart from nonsense", "[protocol][swim_datagram]") {
  auto message = packet(gossip_body{});
  message.head.major = 2;
  CHECK(parse_datagram(wire::encode(message)).error() == protocol_errc::foreign_version);
  message.head.major = 1;
  message.head.minor = 9;
  message.extension = shared_bytes::copy_of(std::string_view{"from the future"});
  CHECK(parse_datagram(wire::encode(message)));
}

TEST_CASE("what no correct peer would send is malformed", "[protocol][swim_datagram]") {
  CHECK(parse_datagram({}).error() == protocol_errc::malformed);
  auto message = packet(gossip_body{});
  CHECK_FALSE(malformed(message));

  message.members.assign(piggyback_records_max + 1, alive(2));
  CHECK(malformed(message));
  message.members = {alive(2)};
  message.members[0].profile.reset();
  CHECK(malformed(message));
  message.members = {alive(2, "\xc3\x28")};
  CHECK(malformed(message));
  message.members = {alive(2, std::string(name_bytes_max + 1, 'x'))};
  CHECK(malformed(message));
  message.members = {alive(2)};
  message.members[0].refutations = refutations_max + 1;
  CHECK(malformed(message));
  message.members.clear();
  message.presences = {{someone(2), {}, 1, true}};
  CHECK(malformed(message));
  CHECK(malformed(packet(exchange_part{1, {record_key::end(), record_key{}}, true})));
  CHECK(malformed(packet(join_request{1, {{record_key{}, record_key{}}}})));

  auto oversized = packet(gossip_body{});
  oversized.extension = shared_bytes{byte_buffer(extension_bytes_max + 1)};
  CHECK(malformed(oversized));
}

TEST_CASE("cut, lengthened or altered datagrams never do harm", "[protocol][swim_datagram]") {
  const auto seed = test::seed_or(1);
  CAPTURE(seed);
  random_source random{seed};
  auto message = packet(exchange_part{1, key_range::all(), true});
  message.members = {alive(1), alive(2), alive(3)};
  message.presences = {{someone(4), make_group_id("causerie", "lobby"), 300, true}};
  const auto good = encode_datagram(message);
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(parse_datagram(good.slice(0, size)));
  for (int round = 0; round < 5000; ++round) {
    byte_buffer bytes{good.view().begin(), good.view().end()};
    bytes[random.below(bytes.size())] ^= static_cast<std::byte>(1 + random.below(255));
    const auto parsed = parse_datagram(shared_bytes::copy_of(bytes));
    // What is accepted is canonical: it encodes to the very same bytes.
    if (parsed) CHECK(std::ranges::equal(wire::encode(*parsed).view(), byte_view{bytes}));
  }
}

TEST_CASE("names are UTF-8", "[protocol][swim_datagram]") {
  CHECK(is_utf8("Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x99\x82"));
  CHECK_FALSE(is_utf8("\xff"));
  CHECK_FALSE(is_utf8("\xc0\xaf"));          // Overlong.
  CHECK_FALSE(is_utf8("\xed\xa0\x80"));      // Surrogate.
  CHECK_FALSE(is_utf8("\xf4\x90\x80\x80"));  // Beyond Unicode.
  CHECK_FALSE(is_utf8("\xe2\x82"));
}
