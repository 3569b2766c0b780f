// SPDX-License-Identifier: BSL-1.0
#include "protocol/wire/codec.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"

using namespace causerie::protocol;

namespace {

enum class colour : std::uint8_t { red = 1, green, blue };

struct point {
  std::uint32_t x = 0;
  std::uint16_t y = 0;
  friend bool operator==(const point&, const point&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, point& x) {
  return f(x.x, x.y);
}

struct sample {
  bool flag = false;
  std::uint8_t octet = 0;
  std::uint64_t large = 0, raw = 0;
  colour paint = colour::red;
  member_tag tag{};
  boot_epoch epoch{};
  node_id node;
  wall_time wall{};
  std::optional<std::string> name;
  std::vector<point> points;
  std::pair<std::uint64_t, std::string> both;
  byte_buffer bytes;
  friend bool operator==(const sample&, const sample&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, sample& x) {
  return f(x.flag, x.octet, x.large, wire::fixed(x.raw),
           wire::ranged(x.paint, colour::red, colour::blue), x.tag, x.epoch, x.node, x.wall, x.name,
           x.points, x.both, x.bytes);
}

rc::Gen<sample> any_sample() {
  return rc::gen::exec([] {
    sample s;
    s.flag = *rc::gen::arbitrary<bool>();
    s.octet = *rc::gen::arbitrary<std::uint8_t>();
    // Every length of varint is as likely as any other.
    s.large = *rc::gen::arbitrary<std::uint64_t>() >> *rc::gen::inRange(0, 64);
    s.raw = *rc::gen::arbitrary<std::uint64_t>();
    s.paint = *rc::gen::element(colour::red, colour::green, colour::blue);
    s.tag = member_tag{*rc::gen::arbitrary<std::uint64_t>()};
    s.epoch = boot_epoch{*rc::gen::arbitrary<std::uint64_t>() >> *rc::gen::inRange(0, 64)};
    for (auto& octet : s.node.octets) octet = *rc::gen::arbitrary<std::uint8_t>();
    s.wall = wall_time{std::chrono::milliseconds{*rc::gen::inRange<std::int64_t>(0, 1ll << 52)}};
    if (*rc::gen::arbitrary<bool>()) s.name = *rc::gen::arbitrary<std::string>();
    for (auto count = *rc::gen::inRange(0, 5); count != 0; --count)
      s.points.push_back(
          {*rc::gen::arbitrary<std::uint32_t>(), *rc::gen::arbitrary<std::uint16_t>()});
    s.both = {*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::string>()};
    for (const auto octet : *rc::gen::arbitrary<std::vector<std::uint8_t>>())
      s.bytes.push_back(std::byte{octet});
    return s;
  });
}

shared_bytes bytes_of(std::initializer_list<int> octets) {
  byte_buffer buffer;
  for (const int octet : octets) buffer.push_back(static_cast<std::byte>(octet));
  return shared_bytes{std::move(buffer)};
}

template <class T>
bool malformed(const shared_bytes& bytes) {
  const auto read = wire::decode<T>(bytes);
  return !read && read.error() == protocol_errc::malformed;
}

}  // namespace

TEST_CASE("every message decodes to what was encoded", "[protocol][wire]") {
  CHECK(rc::check([] {
    const auto message = *any_sample();
    const auto bytes = wire::encode(message);
    RC_ASSERT(bytes.size() == wire::encoded_size(message));
    const auto back = wire::decode<sample>(bytes);
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == message);
  }));
}

TEST_CASE("a message has exactly one encoding", "[protocol][wire]") {
  CHECK(rc::check([] {
    const auto bytes = wire::encode(*any_sample());
    byte_buffer changed(bytes.view().begin(), bytes.view().end());
    const auto at = *rc::gen::inRange<std::size_t>(0, changed.size());
    changed[at] ^= static_cast<std::byte>(*rc::gen::inRange(1, 256));
    const shared_bytes other{std::move(changed)};
    const auto read = wire::decode<sample>(other);
    if (!read) return;
    const auto again = wire::encode(*read);
    RC_ASSERT(std::equal(again.view().begin(), again.view().end(), other.view().begin(),
                         other.view().end()));
  }));
}

TEST_CASE("every prefix of a message is malformed, and so is a message with more behind",
          "[protocol][wire]") {
  CHECK(rc::check([] {
    const auto bytes = wire::encode(*any_sample());
    for (std::size_t size = 0; size < bytes.size(); ++size)
      RC_ASSERT(malformed<sample>(bytes.slice(0, size)));
    byte_buffer longer(bytes.view().begin(), bytes.view().end());
    longer.push_back(std::byte{0});
    RC_ASSERT(malformed<sample>(shared_bytes{std::move(longer)}));
  }));
}

TEST_CASE("a varint has its shortest form and fits its type", "[protocol][wire]") {
  CHECK(wire::decode<std::uint64_t>(bytes_of({0x7f})) == 0x7fu);
  CHECK(wire::decode<std::uint64_t>(bytes_of({0x80, 0x01})) == 0x80u);
  CHECK(wire::decode<std::uint64_t>(bytes_of(
            {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})) == ~std::uint64_t{0});
  CHECK(malformed<std::uint64_t>(bytes_of({0x80, 0x00})));
  CHECK(malformed<std::uint64_t>(bytes_of({0x80})));
  CHECK(malformed<std::uint64_t>(
      bytes_of({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02})));
  CHECK(malformed<std::uint16_t>(bytes_of({0x80, 0x80, 0x04})));
  CHECK(malformed<bool>(bytes_of({2})));
}

TEST_CASE("a claimed length allocates nothing", "[protocol][wire]") {
  CHECK(malformed<std::string>(bytes_of({0xff, 0xff, 0xff, 0xff, 0x0f})));
  CHECK(malformed<std::vector<point>>(bytes_of({0xff, 0xff, 0xff, 0xff, 0x0f, 1, 1})));
  CHECK(malformed<byte_buffer>(bytes_of({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})));
}

TEST_CASE("limits and ranges are kept by the reader", "[protocol][wire]") {
  std::string text;
  const auto three = wire::encode(std::string{"abc"});
  CHECK_FALSE(wire::reader{three}(wire::limited(text, 2)));
  CHECK(wire::reader{three}(wire::limited(text, 3)));
  colour paint{};
  const auto zero = bytes_of({0}), four = bytes_of({4}), two = bytes_of({2});
  CHECK_FALSE(wire::reader{zero}(wire::ranged(paint, colour::red, colour::blue)));
  CHECK_FALSE(wire::reader{four}(wire::ranged(paint, colour::red, colour::blue)));
  CHECK(wire::reader{two}(wire::ranged(paint, colour::red, colour::blue)));
  CHECK(paint == colour::green);
}

TEST_CASE("shared bytes are read without a copy", "[protocol][wire]") {
  const auto input = wire::encode(shared_bytes::copy_of(std::string_view{"payload"}));
  const auto read = wire::decode<shared_bytes>(input);
  REQUIRE(read);
  CHECK(read->text() == "payload");
  CHECK(read->data() == input.data() + 1);
}
