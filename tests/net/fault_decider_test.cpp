// SPDX-License-Identifier: BSL-1.0
#include "net/fault/fault_decider.hpp"

#include <bit>
#include <chrono>
#include <cstdlib>
#include <string>
#include <tuple>
#include <vector>

#include "tests/catch.hpp"

using namespace std::chrono_literals;

namespace causerie::net {
namespace {

using protocol::socket_address;

const auto ann = socket_address::v4(127, 0, 0, 1, 1);
const auto bob = socket_address::v4(127, 0, 0, 1, 2);
constexpr std::size_t bytes = 1200;
constexpr int times = 100'000;

std::uint64_t seed() {
  const auto* given = std::getenv("CAUSERIE_SEED");
  const auto chosen = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  UNSCOPED_INFO("CAUSERIE_SEED=" << chosen);
  return chosen;
}

/// How often each thing happened, as a share of all datagrams.
struct shares {
  double lost = 0, doubled = 0, held = 0, bent = 0;
  protocol::duration least = 1h, most{};
};

shares count(const link_faults& faults) {
  fault_decider decider{seed()};
  shares seen;
  for (int i = 0; i < times; ++i) {
    const auto fate = decider.decide(faults, bob, bytes);
    seen.lost += fate.count == 0;
    seen.doubled += fate.count == 2;
    if (fate.count == 0) continue;
    const auto& first = fate.copies[0];
    seen.held += first.delay >= faults.reorder_by;
    seen.bent += first.flipped_bit.has_value();
    if (first.flipped_bit) CHECK(*first.flipped_bit < bytes * 8);
    seen.least = std::min(seen.least, first.delay);
    seen.most = std::max(seen.most, first.delay);
  }
  for (auto* share : {&seen.lost, &seen.doubled, &seen.held, &seen.bent}) *share /= times;
  return seen;
}

TEST_CASE("without faults every datagram passes as it is", "[net][fault_decider]") {
  const auto seen = count({});
  CHECK(seen.lost == 0);
  CHECK(seen.doubled == 0);
  CHECK(seen.bent == 0);
  CHECK(seen.most == 0ns);
}

TEST_CASE("faults happen as often as asked", "[net][fault_decider]") {
  CHECK(count({.loss = 0.4}).lost == Approx(0.4).margin(0.01));
  CHECK(count({.duplicate = 0.1}).doubled == Approx(0.1).margin(0.01));
  CHECK(count({.reorder = 0.3}).held == Approx(0.3).margin(0.01));
  CHECK(count({.corrupt = 0.01}).bent == Approx(0.01).margin(0.002));
  CHECK(count({.blocked = true}).lost == 1);
  CHECK(count({.loss = 1}).lost == 1);
}

TEST_CASE("delays lie between delay and delay plus jitter", "[net][fault_decider]") {
  const auto seen = count({.delay = 10ms, .jitter = 5ms, .reorder_by = 1h});
  CHECK(seen.least >= 10ms);
  CHECK(seen.least < 10100us);
  CHECK(seen.most <= 15ms);
  CHECK(seen.most > 14900us);
}

using fates = std::vector<std::tuple<std::size_t, protocol::duration, std::optional<std::size_t>>>;

fates decide_all(std::uint64_t seed_given, bool others_too) {
  const link_faults faults{
      .loss = 0.2, .duplicate = 0.2, .reorder = 0.2, .corrupt = 0.2, .jitter = 5ms};
  fault_decider decider{seed_given};
  fates all;
  for (int i = 0; i < 1000; ++i) {
    if (others_too) (void)decider.decide(faults, ann, bytes);
    const auto fate = decider.decide(faults, bob, bytes);
    all.emplace_back(fate.count, fate.copies[0].delay, fate.copies[0].flipped_bit);
  }
  return all;
}

TEST_CASE("one seed is one fate, whatever is sent to others", "[net][fault_decider]") {
  CHECK(decide_all(7, false) == decide_all(7, false));
  CHECK(decide_all(7, false) == decide_all(7, true));
  CHECK(decide_all(7, false) != decide_all(8, false));
}

TEST_CASE("one bit is turned over, in bytes of its own", "[net][fault_decider]") {
  const auto whole = protocol::shared_bytes::copy_of("hello");
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    const auto bent = with_flipped_bit(whole, bit);
    int different = 0;
    for (std::size_t i = 0; i < whole.size(); ++i)
      different += std::popcount(static_cast<unsigned>(whole.data()[i] ^ bent.data()[i]));
    CHECK(different == 1);
  }
  CHECK(whole.text() == "hello");
}

}  // namespace
}  // namespace causerie::net
