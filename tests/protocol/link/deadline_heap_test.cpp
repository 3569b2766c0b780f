// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/deadline_heap.hpp"

#include <rapidcheck.h>

#include <map>

#include "tests/catch.hpp"

using namespace causerie::protocol;

namespace {

instant at(unsigned millisecond) { return instant{std::chrono::milliseconds{millisecond}}; }

/// What the heap has to answer: the earliest deadline, of equal ones the lowest number's.
bool same(const deadline_heap& heap, const std::map<std::uint32_t, instant>& naive) {
  if (heap.empty() || naive.empty()) return heap.empty() == naive.empty();
  auto first = naive.begin();
  for (auto each = naive.begin(); each != naive.end(); ++each)
    if (each->second < first->second) first = each;
  return heap.earliest() == first->second && heap.whose() == first->first;
}

}  // namespace

TEST_CASE("a deadline moves both ways and goes away", "[protocol][link]") {
  deadline_heap heap;
  CHECK(heap.empty());
  heap.set(7, at(30));
  heap.set(2, at(20));
  CHECK(heap.whose() == 2);
  heap.set(2, at(40));
  CHECK(heap.whose() == 7);
  heap.set(2, at(30));
  CHECK(heap.whose() == 2);
  heap.set(2, std::nullopt);
  CHECK(heap.whose() == 7);
  heap.set(7, std::nullopt);
  heap.set(7, std::nullopt);
  CHECK(heap.empty());
}

TEST_CASE("the heap agrees with a search through all deadlines", "[protocol][link]") {
  CHECK(rc::check([](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& steps) {
    deadline_heap heap;
    std::map<std::uint32_t, instant> naive;
    for (const auto& [number, time] : steps) {
      const std::uint32_t who = number % 24;
      if (time % 5 == 0) {
        heap.set(who, std::nullopt);
        naive.erase(who);
      } else {
        heap.set(who, at(time));
        naive[who] = at(time);
      }
      RC_ASSERT(same(heap, naive));
    }
    while (!heap.empty()) {
      const auto who = heap.whose();
      heap.set(who, std::nullopt);
      naive.erase(who);
      RC_ASSERT(same(heap, naive));
    }
  }));
}
