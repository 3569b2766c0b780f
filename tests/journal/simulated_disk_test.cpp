// SPDX-License-Identifier: BSL-1.0
#include "journal/simulated_disk.hpp"

#include <rapidcheck.h>

#include "tests/journal/journal_world.hpp"

namespace causerie::journal::test {
namespace {

std::error_code keep(node_journal& journal, std::uint64_t n,
                     durability need = durability::process) {
  batch work;
  work.need = need;
  work.add(note_written{"n", std::to_string(n), text("x")});
  const auto done = journal.commit(work);
  return done ? std::error_code{} : done.error();
}

/// How many of the notes 1, 2, … are there without a hole; all that are there must be among them.
std::uint64_t kept(simulated_disk& disk, std::uint64_t written) {
  auto journal = open_journal(disk);
  std::uint64_t count = 0;
  while (count < written && *journal.note("n", std::to_string(count + 1))) ++count;
  for (auto n = count + 1; n <= written; ++n) CHECK_FALSE(*journal.note("n", std::to_string(n)));
  return count;
}

TEST_CASE("kill -9 takes no commit", "[journal][simulated_disk]") {
  simulated_disk disk;
  {
    auto journal = open_journal(disk);
    for (std::uint64_t n = 1; n <= 5; ++n) REQUIRE_FALSE(keep(journal, n));
    disk.kill();
    CHECK(keep(journal, 6) == journal_errc::poisoned);
  }
  CHECK(kept(disk, 6) == 5);
}

TEST_CASE("a power cut takes unsynced commits from the end only", "[journal][simulated_disk]") {
  CHECK(rc::check("suffix", [](std::uint8_t before, std::uint8_t after, std::uint64_t seed) {
    simulated_disk disk;
    const std::uint64_t synced = before % 8u, written = synced + after % 8u;
    {
      auto journal = open_journal(disk);
      for (std::uint64_t n = 1; n <= synced; ++n) RC_ASSERT_FALSE(bool(keep(journal, n)));
      RC_ASSERT(journal.sync().has_value());
      for (auto n = synced + 1; n <= written; ++n) RC_ASSERT_FALSE(bool(keep(journal, n)));
      protocol::random_source chance{seed};
      disk.cut_power(chance);
    }
    const auto survived = kept(disk, written);
    RC_ASSERT(survived >= synced);
    RC_ASSERT(survived <= written);
  }));
}

TEST_CASE("a commit that asks for it outlives the power cut, and all before it",
          "[journal][simulated_disk]") {
  simulated_disk disk;
  {
    auto journal = open_journal(disk);
    REQUIRE_FALSE(keep(journal, 1));
    REQUIRE_FALSE(keep(journal, 2, durability::power));
    REQUIRE_FALSE(keep(journal, 3));
    CHECK(disk.unsynced() == 1);
    disk.cut_power(std::size_t{9});
  }
  CHECK(kept(disk, 3) == 2);
}

TEST_CASE("a full disk loses nothing acknowledged and takes the batch later",
          "[journal][simulated_disk]") {
  simulated_disk disk;
  auto journal = open_journal(disk);
  REQUIRE_FALSE(keep(journal, 1));
  disk.bytes_max = 0;
  CHECK(keep(journal, 2) == journal_errc::disk_full);
  CHECK_FALSE(is_final(keep(journal, 2)));
  CHECK_FALSE(*journal.note("n", "2"));
  disk.bytes_max.reset();
  CHECK_FALSE(keep(journal, 2));
  CHECK(*journal.note("n", "1"));
}

TEST_CASE("after a failed sync or write nothing is acknowledged", "[journal][simulated_disk]") {
  simulated_disk disk;
  auto journal = open_journal(disk);
  SECTION("sync") {
    disk.fail_next_sync = true;
    CHECK(keep(journal, 1, durability::power) == journal_errc::sync_failed);
  }
  SECTION("write") {
    disk.fail_next_write = true;
    CHECK(keep(journal, 1) == journal_errc::io_failed);
  }
  CHECK(keep(journal, 2) == journal_errc::poisoned);
  CHECK(journal.sync().error() == journal_errc::poisoned);
  CHECK(journal.note("n", "1").error() == journal_errc::poisoned);
  CHECK(is_final(keep(journal, 2)));
}

TEST_CASE("two stores never share a disk", "[journal][simulated_disk]") {
  simulated_disk disk;
  auto journal = open_journal(disk);
  const auto second = disk.open(false);
  REQUIRE_FALSE(second);
  CHECK(second.error() == journal_errc::in_use);
}

}  // namespace
}  // namespace causerie::journal::test
