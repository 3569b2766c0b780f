// SPDX-License-Identifier: BSL-1.0
#include <rapidcheck.h>

#include "tests/journal/journal_world.hpp"

namespace causerie::journal::test {
namespace {

/// Ten messages of one sender, a cut at each even one, one event each, 100 bytes and 1 s apart.
node_journal ten_messages(simulated_disk& disk) {
  auto journal = open_journal(disk);
  batch work;
  work.add(group_kept{lobby, "lobby", {}})
      .add(clock_saved{lobby, clock_kind::delivered, {{tag_a, 10}}});
  for (sequence n = 1; n <= 10; ++n) {
    work.add(bundle(lobby, tag_a, n, n, std::string(100, 'x'), static_cast<std::int64_t>(n) * 1000))
        .add(event(lobby, n, tag_a, n));
    if (n % 2 == 0) work.add(cut_recorded{lobby, n, {{tag_a, n}}});
  }
  work.add(cursor_moved{lobby, "screen", 3});
  REQUIRE(journal.commit(work));
  return journal;
}

TEST_CASE("a log within its bounds is left alone", "[journal][history]") {
  simulated_disk disk;
  auto journal = ten_messages(disk);
  const auto done = *journal.trim(lobby, {10, 1000, std::chrono::seconds{9}}, at(10'000));
  CHECK(done.gone.empty());
  CHECK(done.within);
  CHECK(*journal.usage(lobby) == log_usage{10, 1000});
}

TEST_CASE("count, bytes and age trim to the oldest recorded cut that fits", "[journal][history]") {
  simulated_disk disk;
  auto journal = ten_messages(disk);
  trimmed done;
  SECTION("count") { done = *journal.trim(lobby, {7, 0, {}}, at(10'000)); }
  SECTION("bytes") { done = *journal.trim(lobby, {0, 650, {}}, at(10'000)); }
  SECTION("age") { done = *journal.trim(lobby, {0, 0, std::chrono::seconds{6}}, at(10'000)); }
  // Six are left where seven may be: the floor is always a recorded cut. (Age: 4 s is old enough.)
  const bool by_age = done.gone.front().last == 4 && done.within;
  CHECK(by_age);
  CHECK(done.gone == std::vector{message_range{tag_a, 1, 4}});
  CHECK(done.unread == std::vector{event_gap{4, 4}});
  CHECK(*journal.usage(lobby) == log_usage{6, 600});
  CHECK((*journal.group(lobby))->floor == vector_clock{{tag_a, 4}});
  CHECK((*journal.group(lobby))->cuts.begin()->first == 6);
  CHECK(journal.missing(lobby)->empty());
  const auto stream = *journal.events(lobby, 3, 3);
  REQUIRE(stream.size() == 3);
  CHECK(std::get<event_gap>(stream[0]) == event_gap{4, 4});
  CHECK(std::get<event_delivered>(stream[1]).position == 5);
}

TEST_CASE("what no cut covers stays, and the caller is told", "[journal][history]") {
  simulated_disk disk;
  auto journal = ten_messages(disk);
  REQUIRE(journal.commit(batch{}.add(bundle(lobby, tag_a, 11, 14, "unstable"))));
  const auto done = *journal.trim(lobby, {1, 0, {}}, at(0));
  CHECK_FALSE(done.within);
  CHECK(done.gone == std::vector{message_range{tag_a, 1, 10}});
  CHECK(*journal.usage(lobby) == log_usage{4, 8});
  // The whole stream is gone; the reader hears of all it has not seen, and numbers go on.
  const auto stream = *journal.events(lobby, 3, 9);
  REQUIRE(stream.size() == 1);
  CHECK(std::get<event_gap>(stream[0]) == event_gap{4, 10});
  CHECK(journal.commit(batch{}.add(event(lobby, 11, tag_a, 11))));
}

TEST_CASE("a bundle that the floor covers in part stays whole", "[journal][history]") {
  simulated_disk disk;
  auto journal = open_journal(disk);
  batch work;
  work.add(bundle(lobby, tag_a, 1, 3)).add(bundle(lobby, tag_a, 4, 6));
  REQUIRE(journal.commit(work.add(history_forgotten{lobby, {{tag_a, 5}}})));
  const auto left = *journal.bundles(lobby, tag_a, 1, 1000);
  REQUIRE(left.size() == 1);
  CHECK(left[0].first == 4);
}

TEST_CASE("members of different pace are forgotten each up to its own floor",
          "[journal][history]") {
  simulated_disk disk;
  auto journal = open_journal(disk);
  batch work;
  for (sequence n = 1; n <= 20; ++n) work.add(bundle(lobby, tag_a, n, n));
  for (sequence n = 1; n <= 20; n += 5) work.add(bundle(lobby, tag_b, n, n + 4));
  work.add(cut_recorded{lobby, 1, {{tag_a, 7}, {tag_b, 12}}});
  REQUIRE(journal.commit(work));
  const auto done = *journal.trim(lobby, {1, 0, {}}, at(0));
  CHECK(done.gone == std::vector{message_range{tag_a, 1, 7}, message_range{tag_b, 1, 10}});
  CHECK(journal.bundles(lobby, tag_a, 1, 10'000)->front().first == 8);
  CHECK(journal.bundles(lobby, tag_b, 1, 10'000)->front().first == 11);
  CHECK(*journal.usage(lobby) == log_usage{13 + 10, (13 + 2) * 5});
}

TEST_CASE("what is missing is what was delivered, is not forgotten, and is not there",
          "[journal][history]") {
  CHECK(rc::check("missing", [](const std::set<std::uint8_t>& held, std::uint8_t floor,
                                std::uint8_t delivered) {
    simulated_disk disk;
    auto journal = open_journal(disk);
    batch work;
    work.add(clock_saved{lobby, clock_kind::floor, {{tag_a, floor}}})
        .add(clock_saved{lobby, clock_kind::delivered, {{tag_a, delivered}}});
    for (const auto n : held)
      if (n > 0) work.add(bundle(lobby, tag_a, n, n));
    RC_ASSERT(journal.commit(work).has_value());
    std::set<std::uint64_t> missing, expected;
    const auto ranges = journal.missing(lobby);
    for (const auto& range : *ranges)
      for (auto n = range.first; n <= range.last; ++n) missing.insert(n);
    for (std::uint64_t n = floor + 1u; n <= delivered; ++n)
      if (!held.contains(static_cast<std::uint8_t>(n))) expected.insert(n);
    RC_ASSERT(missing == expected);
  }));
}

}  // namespace
}  // namespace causerie::journal::test
