// SPDX-License-Identifier: BSL-1.0
#include "protocol/channel/channel_frames.hpp"

#include "protocol/channel/channel_packer.hpp"
#include "protocol/random.hpp"
#include "tests/catch.hpp"

using namespace causerie::protocol;

TEST_CASE("several small messages share one frame and come out as they went in",
          "[protocol][channel_frames]") {
  const channel_introduction hello{"main", 7, boot_epoch{9}};
  channel_packer pack{42, &hello, 5};
  std::vector<shared_bytes> messages;
  for (int i = 0; i < 2000; ++i) messages.push_back(shared_bytes::copy_of(std::to_string(i)));
  std::size_t count = 0;
  while (pack.add(messages[count])) ++count;
  CHECK(count > 200);
  const auto body = pack.batch();
  CHECK(body.size() <= frame_body_bytes_max);
  CHECK(body.size() > frame_body_bytes_max - 10);

  const auto frame = decode_channel_frame(body);
  REQUIRE(frame);
  const auto& batch = std::get<channel_batch>(*frame);
  CHECK(batch.cid == 42);
  CHECK(batch.first == 5);
  CHECK(batch.introduction->name == "main");
  REQUIRE(batch.messages.size() == count);
  for (std::size_t i = 0; i < count; ++i) CHECK(batch.messages[i].text() == messages[i].text());
}

TEST_CASE("a fragment fills its frame and never exceeds it", "[protocol][channel_frames]") {
  const channel_introduction hello{std::string(channel_name_bytes_max, 'n'), ~0ull,
                                   boot_epoch{~0ull}};
  const byte_buffer payload(5000);
  for (const auto* introduction : {&hello, static_cast<const channel_introduction*>(nullptr)}) {
    const channel_packer pack{1, introduction, 1u << 30};
    const auto room = pack.fragment_room(3000, 16u << 20);
    const auto body = pack.fragment(3000, 16u << 20, byte_view{payload}.first(room));
    CHECK(body.size() == frame_body_bytes_max);
    const auto frame = decode_channel_frame(body);
    REQUIRE(frame);
    CHECK(std::get<channel_fragment>(*frame).bytes.size() == room);
    CHECK(std::get<channel_fragment>(*frame).at == channel_position{1u << 30, 3000});
  }
}

TEST_CASE("an ack survives the wire", "[protocol][channel_frames]") {
  channel_ack ack;
  ack.cid = 3;
  ack.number = 8;
  ack.echo = 2;
  ack.recv_next = {10, 500};
  ack.committed_next = 9;
  ack.window = 4096;
  ack.sacks = {{{10, 600}, {11, 0}}, {{13, 0}, {15, 0}}};
  const auto frame = decode_channel_frame(encode_channel_frame(ack));
  REQUIRE(frame);
  CHECK(std::get<channel_ack>(*frame).sacks == ack.sacks);
  CHECK(std::get<channel_ack>(*frame).recv_next == ack.recv_next);
}

TEST_CASE("frames that no correct peer would send are malformed", "[protocol][channel_frames]") {
  const auto refused = [](const auto& frame) {
    const auto decoded = decode_channel_frame(encode_channel_frame(frame));
    return !decoded && decoded.error() == protocol_errc::malformed;
  };
  channel_ack ack;
  ack.recv_next = {5, 0};
  ack.committed_next = 6;  // Committed what never arrived.
  CHECK(refused(ack));
  ack.committed_next = 0;
  CHECK(refused(ack));
  ack.committed_next = 5;
  CHECK_FALSE(refused(ack));
  ack.sacks = {{{7, 0}, {6, 0}}};
  CHECK(refused(ack));
  ack.sacks = {{{4, 0}, {6, 0}}};
  CHECK(refused(ack));
  ack.sacks.assign(channel_sacks_max + 1, {{7, 0}, {8, 0}});
  CHECK(refused(ack));

  channel_control control;
  control.kind = channel_control_kind::reject;  // Without a reason.
  CHECK(refused(control));
  control.kind = channel_control_kind::resume;
  CHECK_FALSE(refused(control));
  control.introduction = channel_introduction{"", 1, {}};
  CHECK(refused(control));

  const channel_packer pack{1, nullptr, 1};
  const byte_buffer bytes(10);
  CHECK_FALSE(decode_channel_frame(pack.fragment(5, 14, bytes)));
  CHECK(decode_channel_frame(pack.fragment(5, 15, bytes)));
  CHECK_FALSE(decode_channel_frame(pack.fragment(5, 0, {})));
  CHECK_FALSE(decode_channel_frame(shared_bytes{}));
  CHECK_FALSE(decode_channel_frame(shared_bytes::copy_of(std::string_view{"\x09"})));
}

TEST_CASE("no cut of a frame decodes as one", "[protocol][channel_frames]") {
  channel_packer pack{42, nullptr, 5};
  const auto message = shared_bytes::copy_of(std::string_view{"hello"});
  REQUIRE(pack.add(message));
  const auto body = pack.batch();
  for (std::size_t bytes = 0; bytes < body.size(); ++bytes)
    CHECK_FALSE(decode_channel_frame(body.slice(0, bytes)));
}

TEST_CASE("a channel's name is 1 to 64 bytes of UTF-8", "[protocol][channel_frames]") {
  CHECK(valid_channel_name("main"));
  CHECK(valid_channel_name("~group"));
  CHECK(valid_channel_name("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"));
  CHECK(valid_channel_name(std::string(64, 'x')));
  CHECK_FALSE(valid_channel_name(""));
  CHECK_FALSE(valid_channel_name(std::string(65, 'x')));
  CHECK_FALSE(valid_channel_name("a\n"));
  CHECK_FALSE(valid_channel_name("\xc0\xaf"));          // Overlong.
  CHECK_FALSE(valid_channel_name("\xed\xa0\x80"));      // A surrogate.
  CHECK_FALSE(valid_channel_name("\xf4\x90\x80\x80"));  // Beyond Unicode.
  CHECK_FALSE(valid_channel_name("\xe2\x82"));
}
