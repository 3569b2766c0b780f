// SPDX-License-Identifier: BSL-1.0
//
// Bytes as datagrams to a link_set: before a handshake, and as frames and packets within a session.
// Input: a mode octet, then records of a length octet pair and that many bytes.
#include <cstdlib>
#include <cstring>

#include "protocol/link/link_set.hpp"
#include "protocol/link/null_session.hpp"
#include "protocol/link/packet.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace causerie::protocol;

namespace {

constexpr incarnation self{{{2}}, boot_epoch{20}};
constexpr incarnation stranger{{{1}}, boot_epoch{10}};
const socket_address from = socket_address::v4(127, 0, 0, 1, 7001);
const auto cluster = hash_of_cluster("causerie");

struct target {
  link_set links{self, {}, 1};
  instant now{std::chrono::seconds{1000}};
  session_index index = 0;
  packet_number number = 0;

  void give(const shared_bytes& bytes) {
    const datagram one{from, bytes};
    links.on_datagrams({&one, 1}, now);
    settle();
  }
  void settle() {
    links.flush(now);
    while (const auto output = links.poll())
      if (const auto* out = std::get_if<link_set::transmit>(&*output)) on_transmit(out->bytes);
  }
  void on_transmit(const shared_bytes& bytes) {
    if (bytes.size() > 1200) std::abort();
    if (bytes.data()[0] != static_cast<std::byte>(datagram_type::hello_ack)) return;
    const auto answer = decode_hello_ack(cluster, bytes);
    if (!answer) std::abort();
    index = answer->index;
  }
  void pass(duration time) {
    now += time;
    links.on_deadline(now);
    const auto deadline = links.next_deadline();
    if (deadline && *deadline <= now) std::abort();
    settle();
  }
  void give_frames(byte_view frames) {
    byte_buffer packet(session::overhead_bytes);
    write_header({index, number}, packet.data());
    packet.insert(packet.end(), frames.begin(), frames.end());
    null_session{stranger.epoch, self.epoch}.seal(number++, packet);
    give(shared_bytes{std::move(packet)});
  }
  void open() {
    give(encode_hello(cluster, {stranger, self.node, 77, 1}));
    constexpr std::byte ping[] = {std::byte{1}};
    give_frames(ping);
    for (std::uint64_t i = 0; i < 20; ++i) {
      outgoing_frame frame;
      frame.kind = frame_kind::group;
      frame.token = i + 1;
      frame.body = shared_bytes::copy_of(std::string_view{"something to acknowledge"});
      (void)links.send(stranger.node, std::move(frame), now);
      settle();
    }
  }
};

std::vector<std::uint8_t> one_record(std::uint8_t mode, const shared_bytes& bytes) {
  std::vector<std::uint8_t> out(3 + bytes.size());
  out[0] = mode;
  out[1] = static_cast<std::uint8_t>(bytes.size() >> 8);
  out[2] = static_cast<std::uint8_t>(bytes.size());
  std::memcpy(out.data() + 3, bytes.data(), bytes.size());
  return out;
}

}  // namespace

std::vector<std::vector<std::uint8_t>> fuzz_seeds() {
  return {
      one_record(0, encode_hello(cluster, {stranger, self.node, 77, 1})),
      one_record(0, encode_hello_ack(cluster, {stranger, self, 5, 6, 1})),
      one_record(1, shared_bytes::copy_of(std::string_view{"\x02\x05\x10\x05\x00", 5})),
      one_record(1, shared_bytes::copy_of(std::string_view{"\x02\x09\x10\x02\x01\x01\x01", 7})),
      one_record(1, shared_bytes::copy_of(std::string_view{"\x10\x05hello\x11\x02hi\x01"})),
      one_record(1, shared_bytes::copy_of(std::string_view{"\x03"})),
  };
}

std::size_t fuzz_runs() { return 100'000; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  target node;
  const bool in_session = (*data & 1) != 0;
  if (in_session) node.open();
  ++data;
  --size;
  while (size >= 2) {
    const auto length = std::min<std::size_t>(size - 2, data[0] * 256u + data[1]);
    const auto bytes = std::as_bytes(std::span{data + 2, length});
    if (in_session)
      node.give_frames(bytes);
    else
      node.give(shared_bytes::copy_of(bytes));
    node.pass(std::chrono::milliseconds{data[0] % 8});
    data += 2 + length;
    size -= 2 + length;
  }
  node.pass(std::chrono::seconds{6});
  node.links.close(node.now);
  node.settle();
  return 0;
}
