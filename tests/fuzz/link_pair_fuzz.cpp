// SPDX-License-Identifier: BSL-1.0
//
// Bytes as a schedule of two link_sets and the wire between them. The oracle: once the wire is
// good again, every reliable frame between two present lives has arrived, and the newest fresh one.
#include <cstdlib>
#include <set>

#include "protocol/errors.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/protocol/link/wire_pair.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::test;

namespace {

struct schedule {
  wire_pair net;
  std::uint64_t epoch = 100;
  std::map<std::uint8_t, std::set<std::string>> expected;  // By receiver.
  std::map<std::uint8_t, std::string> newest;
  int sent = 0;

  explicit schedule(std::uint8_t conditions)
      : net{conditions,
            {(conditions & 7) * 0.06, (conditions >> 3 & 3) * 0.1, (conditions >> 5 & 3) * 0.1}} {}

  void step(std::uint8_t action, std::uint8_t argument) {
    const auto from = static_cast<std::uint8_t>(1 + (action & 1));
    const auto to = static_cast<std::uint8_t>(3 - from);
    switch (action >> 1 & 7) {
      case 0:
      case 1:
      case 2: return send(from, to, argument);
      case 3: return send_fresh(from, to);
      case 4: net.run_for(std::chrono::microseconds{argument * 20}); return;
      case 5: net.run_for(std::chrono::milliseconds{argument * 10}); return;
      case 6: net.cut = (argument & 1) != 0; return;
      default:
        // Rarely, because a restart takes the oracle's memory along.
        if (argument < 200) return net.flush(from);
        net.start(from, boot_epoch{++epoch});
        expected.clear();
        newest.clear();
    }
  }
  void send(std::uint8_t from, std::uint8_t to, std::uint8_t length) {
    auto text = std::to_string(++sent);
    text.resize(text.size() + length * 4, ' ');
    if (!net.send(from, to, frame_of(text))) expected[to].insert(text);
  }
  void send_fresh(std::uint8_t from, std::uint8_t to) {
    const auto text = "fresh " + std::to_string(++sent);
    if (!net.send(from, to, frame_of(text, frame_care::fresh, 5))) newest[to] = text;
  }
  /// Every frame from before a restart may be lost: begin to count when both know each other.
  void settle_restart() {
    net.cut = false;
    for (const auto from : {std::uint8_t{1}, std::uint8_t{2}})
      (void)net.send(from, static_cast<std::uint8_t>(3 - from), frame_of("after a restart"));
    net.run_for(std::chrono::seconds{30});
  }
  void check() {
    net.cut = false;
    net.run_for(std::chrono::seconds{60});
    // A cut of 90 s takes what was queued along, by right.
    for (const auto& [number, node] : net.nodes)
      if (!node.unreachable.empty()) return;
    for (auto& [number, texts] : expected) {
      const auto& got = net.nodes[number].received;
      const std::set<std::string> have{got.begin(), got.end()};
      for (const auto& text : texts)
        if (have.count(text) == 0) std::abort();
      if (newest.count(number) != 0 && have.count(newest[number]) == 0) std::abort();
    }
  }
};

}  // namespace

std::size_t fuzz_runs() { return 20'000; }
std::size_t fuzz_size_max() { return 400; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  schedule run{data[0]};
  auto epoch = run.epoch;
  for (std::size_t i = 1; i + 1 < size; i += 2) {
    run.step(data[i], data[i + 1]);
    if (epoch != run.epoch) run.settle_restart();
    epoch = run.epoch;
  }
  run.check();
  return 0;
}
