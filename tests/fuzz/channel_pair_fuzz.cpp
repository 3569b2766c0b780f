// SPDX-License-Identifier: BSL-1.0
//
// The input is a schedule for two channel_sets: what is sent, lost, repeated, overtaken, read,
// restarted. Whatever it does, the reader sees 1, 2, 3, … and in the end has everything.
#include <cstdlib>
#include <deque>

#include "protocol/channel/channel_set.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace causerie::protocol;

namespace {

class pair {
public:
  pair() {
    for (int i = 0; i < 2; ++i) sets_[i].on_node_up(self(1 - i), now_);
  }

  void act(std::uint8_t what) {
    const auto side = what & 1;
    const auto count = static_cast<std::size_t>(what >> 4);
    switch ((what >> 1) & 7) {
      case 0: say(count * 10); break;
      case 1: say(count * count * 40); break;
      case 2: arrive(side, count); break;
      case 3: arrive(side, 0); break;
      case 4: lose(side, count); break;
      case 5: repeat(side, count); break;
      case 6: listen(count + 1); break;
      case 7: pass(count); break;
    }
    if (what == 0xff)
      for (auto& each : sets_) each.on_restarted(now_);
    settle();
  }

  void finish() {
    for (int round = 0; round < 400 && heard_ < said_; ++round) {
      for (int side = 0; side < 2; ++side)
        while (!under_way_[side].empty()) {
          arrive(side, 0);
          settle();
        }
      listen(1'000);
      settle();
      pass(5);
      settle();
    }
    if (heard_ != said_) std::abort();
  }

private:
  static incarnation self(int i) {
    incarnation who{{}, boot_epoch{1}};
    who.node.octets[0] = static_cast<std::uint8_t>(i + 1);
    return who;
  }
  static channel_config config() {
    channel_config small;
    small.window_bytes = small.window_bytes_max = 8'000;
    small.link_bytes_max = small.node_bytes_max = 30'000;
    small.queue_messages_max = 32;
    return small;
  }

  void say(std::size_t bytes) {
    byte_buffer text(8 + bytes);
    const auto next = said_ + 1;
    for (std::size_t i = 0; i < 8; ++i) text[i] = static_cast<std::byte>(next >> (8 * i));
    if (sets_[0].send({self(1).node, "a"}, shared_bytes{std::move(text)}, 0, {}, now_)) ++said_;
  }

  void listen(std::size_t count) {
    const channel_key from{self(0).node, "a"};
    const auto messages = sets_[1].read(from, sets_[1].committed(from), count);
    for (const auto& each : messages) {
      std::uint64_t number = 0;
      for (std::size_t i = 0; i < 8; ++i)
        number |= std::uint64_t(each.payload.view()[i]) << (8 * i);
      if (number != ++heard_ || each.position != number) std::abort();
    }
    if (!messages.empty()) sets_[1].commit(from, messages.back().position, now_);
  }

  void arrive(int side, std::size_t which) {
    auto& frames = under_way_[side];
    if (frames.empty()) return;
    const auto at = frames.begin() + static_cast<std::ptrdiff_t>(which % frames.size());
    const auto frame = std::move(*at);
    frames.erase(at);
    acknowledge(side, frame);
    (void)sets_[1 - side].on_frame(self(side), frame.body, now_);
  }
  /// The link delivers it into a mailbox that dies.
  void lose(int side, std::size_t which) {
    auto& frames = under_way_[side];
    if (frames.empty()) return;
    const auto at = frames.begin() + static_cast<std::ptrdiff_t>(which % frames.size());
    if (which % 2 == 0) acknowledge(side, *at);
    frames.erase(at);
  }
  void repeat(int side, std::size_t which) {
    auto& frames = under_way_[side];
    if (!frames.empty()) frames.push_back(frames[which % frames.size()]);
  }
  void acknowledge(int side, const outgoing_frame& frame) {
    if (frame.token != 0) sets_[side].on_frame_acked(self(1 - side).node, frame.token, now_);
  }
  void pass(std::size_t steps) { now_ += steps * std::chrono::milliseconds{40}; }

  void settle() {
    for (int side = 0; side < 2; ++side) {
      sets_[side].on_deadline(now_);
      if (const auto next = sets_[side].next_deadline(); next && *next <= now_) std::abort();
      while (auto output = sets_[side].poll()) {
        if (auto* send = std::get_if<channel_set::send_frame>(&*output))
          under_way_[side].push_back(std::move(send->frame));
        if (const auto* outcome = std::get_if<channel_set::outcome>(&*output)) {
          if (outcome->what != send_outcome::delivered || ++told_ > heard_) std::abort();
        }
      }
      sets_[side].audit();
    }
  }

  instant now_{};
  channel_set sets_[2] = {{self(0), config(), 1}, {self(1), config(), 2}};
  std::deque<outgoing_frame> under_way_[2];
  std::uint64_t said_ = 0, heard_ = 0, told_ = 0;
};

}  // namespace

std::size_t fuzz_runs() { return 1'000; }
std::size_t fuzz_size_max() { return 300; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pair world;
  for (std::size_t i = 0; i < size; ++i) world.act(data[i]);
  world.finish();
  return 0;
}
