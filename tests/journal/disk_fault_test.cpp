// SPDX-License-Identifier: BSL-1.0
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/journal/journal_world.hpp"
#include "tests/journal/shim_vfs.hpp"

namespace causerie::journal::test {
namespace {

sqlite_settings on(const scratch_folder& folder, const shim_vfs& shim,
                   sync_mode sync = sync_mode::normal) {
  return {.file = folder / "journal.db", .sync = sync, .vfs = shim.name()};
}

std::error_code keep(node_journal& journal, std::uint64_t n, std::size_t bytes = 100) {
  const auto done = journal.commit(
      batch{}.add(note_written{"n", std::to_string(n), shared_bytes{byte_buffer(bytes)}}));
  return done ? std::error_code{} : done.error();
}

bool has(node_journal& journal, std::uint64_t n) {
  return journal.note("n", std::to_string(n))->has_value();
}

TEST_CASE("with sync = full every acknowledged commit has been fsynced", "[journal][sqlite]") {
  scratch_folder folder;
  shim_vfs shim;
  auto journal = open_journal(on(folder, shim, sync_mode::full));
  for (std::uint64_t n = 0; n < 5; ++n) {
    const auto before = shim.syncs;
    REQUIRE_FALSE(keep(journal, n));
    CHECK(shim.syncs > before);
  }
}

TEST_CASE("with sync = normal a commit waits for no fsync unless it asks", "[journal][sqlite]") {
  scratch_folder folder;
  shim_vfs shim;
  auto journal = open_journal(on(folder, shim));
  REQUIRE_FALSE(keep(journal, 0));
  const auto before = shim.syncs;
  const auto first = journal.commit(batch{}.add(note_written{"n", "1", text("x")}));
  CHECK(shim.syncs == before);
  CHECK(first->durable < first->number);
  batch urgent;
  urgent.need = durability::power;
  const auto second = journal.commit(urgent.add(note_written{"n", "2", text("x")}));
  CHECK(shim.syncs > before);
  CHECK(second->durable == second->number);
  const auto third = journal.commit(batch{}.add(note_written{"n", "3", text("x")}));
  CHECK(journal.sync()->durable == third->number);
}

TEST_CASE("a batch that is kept already is fsynced all the same when it asks",
          "[journal][sqlite]") {
  scratch_folder folder;
  shim_vfs shim;
  auto journal = open_journal(on(folder, shim));
  batch work;
  work.add(note_written{"n", "1", text("x")});
  REQUIRE(journal.commit(work));
  const auto before = shim.syncs;
  work.need = durability::power;  // SQLite writes nothing when nothing changes, and syncs nothing.
  REQUIRE(journal.commit(work));
  CHECK(shim.syncs > before);
}

TEST_CASE("a failed fsync is final, and leaves the file as it is", "[journal][sqlite]") {
  scratch_folder folder;
  shim_vfs shim;
  const auto settings = on(folder, shim, sync_mode::full);
  {
    auto journal = open_journal(settings);
    REQUIRE_FALSE(keep(journal, 1));
    shim.syncs_left = 0;
    const auto error = keep(journal, 2);
    CHECK(error == journal_errc::sync_failed);
    CHECK(is_final(error));
    shim.syncs_left = shim_vfs::never;  // Too late: what the disk lost it will not say.
    CHECK(keep(journal, 3) == journal_errc::poisoned);
    CHECK(journal.sync().error() == journal_errc::poisoned);
    CHECK(journal.maintain() == journal_errc::poisoned);
    const auto writes = shim.writes;
    { const auto gone = std::move(journal); }
    CHECK(shim.writes == writes);
  }
  auto journal = open_journal(settings);
  CHECK(has(journal, 1));
  CHECK_FALSE(has(journal, 3));
}

TEST_CASE("a failed fsync of moving commits to their place is final too", "[journal][sqlite]") {
  scratch_folder folder;
  shim_vfs shim;
  auto settings = on(folder, shim);
  settings.checkpoint_pages = 1;
  auto journal = open_journal(settings);
  REQUIRE_FALSE(keep(journal, 1));
  shim.syncs_left = 0;
  CHECK(journal.maintain() == journal_errc::sync_failed);
  CHECK(keep(journal, 2) == journal_errc::poisoned);
}

TEST_CASE("a failed write is final", "[journal][sqlite]") {
  scratch_folder folder;
  shim_vfs shim;
  auto journal = open_journal(on(folder, shim));
  shim.writes_left = 0;
  CHECK(keep(journal, 1) == journal_errc::io_failed);
  CHECK(keep(journal, 2) == journal_errc::poisoned);
}

TEST_CASE("a full disk refuses, loses nothing, and goes on when there is room",
          "[journal][sqlite]") {
  scratch_folder folder;
  shim_vfs shim;
  const auto settings = on(folder, shim);
  {
    auto journal = open_journal(settings);
    for (std::uint64_t n = 0; n < 20; ++n) REQUIRE_FALSE(keep(journal, n, 3000));
    // Full at every place of a commit: whatever of it was written must not count.
    for (std::uint64_t room = 0; room < 60'000; room += 1'500) {
      shim.write_bytes_left = room;
      const auto error = keep(journal, 1000 + room, 50'000);
      if (!error) break;
      REQUIRE(error == journal_errc::disk_full);
      REQUIRE_FALSE(is_final(error));
      REQUIRE_FALSE(has(journal, 1000 + room));
    }
    CHECK(shim.write_bytes_left < 60'000);
    shim.write_bytes_left = shim_vfs::never;
    CHECK_FALSE(keep(journal, 20));
    CHECK(journal.check()->sound());
  }
  auto journal = open_journal(settings);
  for (std::uint64_t n = 0; n <= 20; ++n) CHECK(has(journal, n));
}

/// In a process of its own, whose files may not grow: what it exits with.
template <class Work>
int in_child(Work work) {
  const auto child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    std::_Exit(work());
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE("a limit on the size of files is a full disk", "[journal][sqlite]") {
  scratch_folder folder;
  const sqlite_settings settings{folder / "journal.db"};
  const int acknowledged = in_child([&] {
    auto journal = open_journal(settings);
    const rlimit limit{300'000, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int count = 0;
    for (; count < 200; ++count) {
      const auto error = keep(journal, static_cast<std::uint64_t>(count), 10'000);
      if (error == journal_errc::disk_full) return is_final(error) ? 254 : count;
      if (error) return 255;
    }
    return 253;
  });
  CHECK(acknowledged > 5);
  REQUIRE(acknowledged < 200);
  auto journal = open_journal(settings);
  for (int n = 0; n < acknowledged; ++n) CHECK(has(journal, static_cast<std::uint64_t>(n)));
  CHECK_FALSE(has(journal, static_cast<std::uint64_t>(acknowledged)));
}

/// Plays one power cut: how many of the notes 0, 1, … survived it without a hole.
struct cut_result {
  std::uint64_t written = 0, durable = 0, survived = 0;
};
cut_result survive_power_cut(sync_mode sync, std::uint64_t seed) {
  protocol::random_source chance{seed};
  scratch_folder before, after;
  cut_result result;
  {
    shim_vfs shim;
    auto settings = on(before, shim, sync);
    settings.checkpoint_pages = 20;
    auto journal = open_journal(settings);
    for (const auto count = chance.below(120); result.written < count; ++result.written) {
      REQUIRE_FALSE(keep(journal, result.written, chance.below(9000)));
      if (sync == sync_mode::full || (chance.chance(0.02) && journal.sync()))
        result.durable = result.written + 1;
      if (chance.chance(0.1)) REQUIRE_FALSE(journal.maintain());
    }
    shim.cut_power_into(after / "", chance);
  }
  auto journal = open_journal(sqlite_settings{after / "journal.db"}, request(2000));
  CHECK(journal.opened().epoch > boot_epoch{1000});
  while (result.survived < result.written && has(journal, result.survived)) ++result.survived;
  for (auto n = result.survived; n < result.written; ++n) CHECK_FALSE(has(journal, n));
  return result;
}

TEST_CASE("a power cut takes nothing that was fsynced, and from the end only",
          "[journal][sqlite]") {
  const auto sync = GENERATE(sync_mode::normal, sync_mode::full);
  std::uint64_t lost = 0;
  const auto base = seed_or(1);
  for (std::uint64_t seed = base; seed < base + 60; ++seed) {
    INFO("CAUSERIE_SEED=" << seed);
    const auto result = survive_power_cut(sync, seed);
    REQUIRE(result.survived >= result.durable);
    lost += result.written - result.survived;
  }
  // The test must be able to lose what may be lost.
  CHECK((lost > 0) == (sync == sync_mode::normal));
}

}  // namespace
}  // namespace causerie::journal::test
