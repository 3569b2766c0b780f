// SPDX-License-Identifier: BSL-1.0
//
// The decoders of the link alone: what decodes encodes to the same bytes again.
#include <cstdlib>

#include "protocol/link/packet.hpp"
#include "protocol/link/packet_frames.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace causerie::protocol;

namespace {

const auto cluster = hash_of_cluster("causerie");

void require(bool condition) {
  if (!condition) std::abort();
}

bool same(byte_view a, byte_view b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

std::vector<std::uint8_t> octets(const shared_bytes& bytes) {
  const auto* from = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return {from, from + bytes.size()};
}

void check_frames(const shared_bytes& bytes) {
  packet_frames frames;
  if (frames.read(bytes)) return;
  std::size_t carried = 0;
  for (const auto& frame : frames.carried_frames) {
    require(frame.body.size() <= frame_body_bytes_max);
    carried += frame_bytes(frame.body.size());
  }
  require(carried <= bytes.size());
  for (std::size_t i = 1; i < frames.ack_ranges.size(); ++i)
    require(frames.ack_ranges[i].last + 1 < frames.ack_ranges[i - 1].first);
}

}  // namespace

std::vector<std::vector<std::uint8_t>> fuzz_seeds() {
  ack_ranges ranges;
  for (const packet_number number : {1, 2, 3, 7, 9, 400, 401}) ranges.insert(number);
  byte_buffer frames{std::byte{2}};
  ack_frame ack;
  ack.name(ranges.ranges(), std::chrono::milliseconds{1}, 100);
  wire::encode_to(frames, ack);
  for (const char octet : std::string_view{"\x10\x03"
                                           "abc\x01\x13\x00",
                                           8})
    frames.push_back(static_cast<std::byte>(octet));
  const incarnation ann{{{1}}, boot_epoch{10}}, bob{{{2}}, boot_epoch{20}};
  return {octets(shared_bytes{std::move(frames)}),
          octets(encode_hello(cluster, {ann, bob.node, 77, 1})),
          octets(encode_hello_ack(cluster, {bob, ann, 5, 77, 1}))};
}

std::size_t fuzz_runs() { return 500'000; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = shared_bytes::copy_of(std::as_bytes(std::span{data, size}));
  check_frames(bytes);
  if (bytes.empty()) return 0;
  // The type octet is the dispatcher's to check; both decoders take what follows it.
  if (const auto message = decode_hello(cluster, bytes); message && data[0] == 1 && data[2] == 1)
    require(same(encode_hello(cluster, *message).view(), bytes.view()));
  if (const auto message = decode_hello_ack(cluster, bytes);
      message && data[0] == 2 && data[2] == 1)
    require(same(encode_hello_ack(cluster, *message).view(), bytes.view()));
  if (const auto ack = wire::decode<ack_frame>(bytes))
    require(same(wire::encode(*ack).view(), bytes.view()));
  return 0;
}
