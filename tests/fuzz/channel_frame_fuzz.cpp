// SPDX-License-Identifier: BSL-1.0
//
// Frames from a peer that is authenticated but hostile: whatever they say, the machine keeps its
// invariants and its bounds, and goes on serving.
#include <cstdlib>

#include "protocol/channel/channel_frames.hpp"
#include "protocol/channel/channel_packer.hpp"
#include "protocol/channel/channel_set.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace causerie::protocol;

namespace {

constexpr std::uint64_t cid = 0x1122334455667788;

std::vector<std::uint8_t> octets(const shared_bytes& bytes) {
  const auto* from = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return {from, from + bytes.size()};
}

/// Length-prefixed (two bytes), so that one input is many frames.
void append(std::vector<std::uint8_t>& input, const shared_bytes& body) {
  input.push_back(static_cast<std::uint8_t>(body.size() & 0xff));
  input.push_back(static_cast<std::uint8_t>(body.size() >> 8));
  const auto bytes = octets(body);
  input.insert(input.end(), bytes.begin(), bytes.end());
}

incarnation somebody(std::uint8_t n) {
  incarnation who{{}, boot_epoch{5}};
  who.node.octets[0] = n;
  return who;
}

/// Puts the cid that the machine really uses where a frame names the seeds' one.
shared_bytes with_cid(byte_view body, std::uint64_t real) {
  byte_buffer out{body.begin(), body.end()};
  const std::size_t at = !out.empty() && out[0] == std::byte{4} ? 2 : 1;
  if (out.size() < at + 8 || real == 0) return shared_bytes{std::move(out)};
  std::uint64_t named = 0;
  for (std::size_t i = 0; i < 8; ++i) named |= std::uint64_t(out[at + i]) << (8 * i);
  if (named == ~cid)
    for (std::size_t i = 0; i < 8; ++i) out[at + i] = static_cast<std::byte>(real >> (8 * i));
  return shared_bytes{std::move(out)};
}

}  // namespace

std::vector<std::vector<std::uint8_t>> fuzz_seeds() {
  const channel_introduction hello{"main", 7, boot_epoch{5}};
  const auto text = shared_bytes::copy_of(std::string_view{"hello"});
  std::vector<std::uint8_t> data, answers;
  for (const sequence first : {1u, 4u, 2u}) {
    channel_packer pack{cid, &hello, first};
    if (!pack.add(text) || !pack.add(text)) std::abort();
    append(data, pack.batch());
  }
  channel_packer pack{cid, nullptr, 6};
  append(data, pack.fragment(0, 3000, byte_buffer(1000)));
  append(data, pack.fragment(2000, 3000, byte_buffer(1000)));
  append(data, pack.fragment(1000, 3000, byte_buffer(1000)));
  append(data, pack.fragment(0, 0, {}));
  channel_control control{channel_control_kind::resume, cid, hello, 3, {}};
  append(data, encode_channel_frame(control));
  control = {channel_control_kind::reset, cid, {}, 0, {}};
  append(data, encode_channel_frame(control));
  channel_ack ack;
  ack.cid = ~cid;
  ack.number = 1;
  ack.echo = 1;
  ack.recv_next = {3, 0};
  ack.committed_next = 2;
  ack.window = 5000;
  ack.sacks = {{{4, 0}, {4, 100}}};
  append(answers, encode_channel_frame(ack));
  control = {channel_control_kind::reject, ~cid, {}, 3, channel_reject_reason::too_large};
  append(answers, encode_channel_frame(control));
  control.reason = channel_reject_reason::unknown_channel;
  append(answers, encode_channel_frame(control));
  return {data, answers};
}

std::size_t fuzz_runs() { return 20'000; }
std::size_t fuzz_size_max() { return 6'000; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  channel_config config;
  config.window_bytes = 8'000;
  config.link_bytes_max = 40'000;
  config.node_bytes_max = 60'000;
  config.channels_per_peer_max = 8;
  channel_set machine{somebody(1), config, 1};
  const auto peer = somebody(2);
  instant now{};
  machine.on_node_up(peer, now);
  for (const std::size_t bytes : {10u, 100u, 2'000u, 10u})
    (void)machine.send({peer.node, "main"}, shared_bytes{byte_buffer(bytes)}, 0, {}, now);
  std::uint64_t own_cid = 0;
  const auto drain = [&] {
    while (auto output = machine.poll()) {
      const auto* send = std::get_if<channel_set::send_frame>(&*output);
      if (send == nullptr) continue;
      const auto frame = decode_channel_frame(send->frame.body);
      if (!frame || send->frame.body.size() > frame_body_bytes_max) std::abort();
      if (send->frame.token == 0) continue;
      own_cid = std::visit([](const auto& each) { return each.cid; }, *frame);
      machine.on_frame_acked(peer.node, send->frame.token, now);
    }
  };
  drain();
  auto left = std::as_bytes(std::span{data, size});
  while (left.size() > 2) {
    const auto wanted = std::size_t(left[0]) | std::size_t(left[1]) << 8;
    left = left.subspan(2);
    const auto body = left.first(std::min(wanted, left.size()));
    left = left.subspan(body.size());
    (void)machine.on_frame(peer, with_cid(body, own_cid), now);
    machine.audit();
    // Half the messages are committed; the bound holds with nothing committed at all.
    for (const auto& key : machine.readable())
      if (wanted % 2 == 0) machine.commit(key, machine.committed(key) + 1, now);
    if (machine.counters().buffered_bytes > 2 * config.link_bytes_max + 64) std::abort();
    now += std::chrono::milliseconds{wanted % 300};
    machine.on_deadline(now);
    if (const auto next = machine.next_deadline(); next && *next <= now) std::abort();
    drain();
  }
  machine.audit();
  return 0;
}
