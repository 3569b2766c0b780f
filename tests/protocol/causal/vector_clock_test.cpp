// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/vector_clock.hpp"

#include <map>

#include <rapidcheck.h>

#include "protocol/causal/frontier.hpp"
#include "tests/catch.hpp"

namespace causerie::protocol::causal::test {
namespace {

using plain = std::map<std::uint8_t, std::uint8_t>;

vector_clock clock_of(const plain& numbers) {
  vector_clock clock;
  for (const auto& [tag, number] : numbers) clock.raise(member_tag{tag}, number);
  return clock;
}
vector_clock joined(vector_clock a, const vector_clock& b) {
  a.join(b);
  return a;
}
vector_clock met(vector_clock a, const vector_clock& b) {
  a.meet(b);
  return a;
}

TEST_CASE("clocks under join and meet are a lattice", "[protocol][causal][vector_clock]") {
  CHECK(rc::check("laws", [](const plain& x, const plain& y, const plain& z) {
    const auto a = clock_of(x), b = clock_of(y), c = clock_of(z);
    RC_ASSERT(joined(a, b) == joined(b, a));
    RC_ASSERT(joined(joined(a, b), c) == joined(a, joined(b, c)));
    RC_ASSERT(joined(a, a) == a);
    RC_ASSERT(met(a, b) == met(b, a));
    RC_ASSERT(met(met(a, b), c) == met(a, met(b, c)));
    RC_ASSERT(met(a, joined(a, b)) == a);
    RC_ASSERT(joined(a, met(a, b)) == a);
    RC_ASSERT(a.covers(b) == (joined(a, b) == a));
    RC_ASSERT(a.covers(b) == (met(a, b) == b));
    RC_ASSERT(joined(a, b).canonical() && met(a, b).canonical());
  }));
}

TEST_CASE("a clock's entries are what was raised, set and erased",
          "[protocol][causal][vector_clock]") {
  CHECK(
      rc::check("against a map", [](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& ops) {
        vector_clock clock;
        plain naive;
        for (const auto& [key, number] : ops) {
          const member_tag tag{key % 16u};
          auto& slot = naive[key % 16];
          if (key >= 128) {
            clock.set(tag, number);
            slot = number;
          } else {
            RC_ASSERT(clock.raise(tag, number) == (number > slot));
            slot = std::max(slot, number);
          }
          RC_ASSERT(clock.at(tag) == slot);
        }
        std::uint64_t total = 0;
        for (const auto& [tag, number] : naive) total += number;
        RC_ASSERT(clock.total() == total);
        RC_ASSERT(clock.canonical());
      }));
}

TEST_CASE("a clock survives the wire, and nothing but a canonical one is believed",
          "[protocol][causal][vector_clock]") {
  CHECK(rc::check("round trip", [](const plain& x) {
    const auto clock = clock_of(x);
    const auto back = wire::decode<vector_clock>(wire::encode(clock));
    RC_ASSERT(back && *back == clock && back->canonical());
  }));
  const std::vector<clock_entry> doubled{{member_tag{3}, 1}, {member_tag{3}, 2}};
  const auto read = wire::decode<vector_clock>(wire::encode(doubled));
  CHECK((!read || !read->canonical()));
}

constexpr member_tag ann{1}, bob{2}, cat{3};

TEST_CASE("a message names only what nothing it names has named", "[protocol][causal][frontier]") {
  frontier latest;
  latest.on_delivered(bob, 1, {});
  latest.on_delivered(cat, 1, {{bob, 1}});
  CHECK(latest.take(ann, 64) == std::vector<clock_entry>{{cat, 1}});
  latest.on_sent(ann, 1);
  CHECK(latest.take(ann, 64).empty());
}

TEST_CASE("concurrent messages are both named", "[protocol][causal][frontier]") {
  frontier latest;
  latest.on_delivered(bob, 1, {});
  latest.on_delivered(cat, 1, {});
  CHECK(latest.take(ann, 64) == std::vector<clock_entry>{{bob, 1}, {cat, 1}});
}

TEST_CASE("after a raise by a whole cut everything that rose is named",
          "[protocol][causal][frontier]") {
  frontier latest;
  latest.on_delivered(bob, 1, {});
  latest.on_raised({{bob, 7}, {cat, 3}});
  CHECK(latest.take(ann, 64) == std::vector<clock_entry>{{bob, 7}, {cat, 3}});
}

TEST_CASE("more causes than fit are taken in parts", "[protocol][causal][frontier]") {
  frontier latest;
  for (std::uint64_t i = 10; i < 110; ++i) latest.on_delivered(member_tag{i}, 1, {});
  CHECK(latest.take(ann, 64).size() == 64);
  CHECK(latest.take(ann, 64).size() == 36);
  CHECK(latest.take(ann, 64).empty());
}

}  // namespace
}  // namespace causerie::protocol::causal::test
