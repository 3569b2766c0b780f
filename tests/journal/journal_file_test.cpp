// SPDX-License-Identifier: BSL-1.0
#include <SQLiteCpp/Database.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal/sqlite/file_header.hpp"
#include "journal/sqlite/journal_repair.hpp"
#include "tests/journal/journal_world.hpp"

namespace causerie::journal::test {
namespace {

namespace fs = std::filesystem;

/// A journal with something in it, closed.
void make_journal(const fs::path& file) {
  auto journal = open_journal(sqlite_settings{file});
  REQUIRE(
      journal.commit(batch{}.add(group_kept{lobby, "lobby", {}}).add(bundle(lobby, tag_a, 1, 1))));
}

open_failure refused(const fs::path& file) {
  auto opened = open_sqlite({.file = file});
  REQUIRE_FALSE(opened);
  CHECK_FALSE(opened.error().hint.empty());
  CHECK(opened.error().what.find(file.filename().string()) != std::string::npos);
  return std::move(opened.error());
}

TEST_CASE("a journal of a later version is refused and left as it is", "[journal][sqlite]") {
  scratch_folder folder;
  const auto file = folder / "journal.db";
  make_journal(file);
  const auto later_version = "PRAGMA user_version = " + std::to_string(schema_version + 1);
  { SQLite::Database{file.string(), SQLite::OPEN_READWRITE}.exec(later_version); }
  SECTION("as its first bytes say") {}
  SECTION("as its log says") {
    // The later version crashed before it moved its first commit to its place.
    auto old = contents(file);
    old[63] = static_cast<char>(schema_version);
    std::ofstream{file, std::ios::binary} << old;
    fs::copy_file(file, folder / "other.db");
    SQLite::Database later{(folder / "other.db").string(), SQLite::OPEN_READWRITE};
    later.exec(later_version);
    fs::copy_file(folder / "other.db-wal", folder / "journal.db-wal");
  }
  const auto before = contents(file), log_before = contents(folder / "journal.db-wal");
  const auto why = refused(file);
  CHECK(why.why == journal_errc::newer_version);
  CHECK(why.hint.find("version of causerie") != std::string::npos);
  CHECK(contents(file) == before);
  CHECK(contents(folder / "journal.db-wal") == log_before);
}

TEST_CASE("a journal from before commits were gathered is read and goes on", "[journal][sqlite]") {
  scratch_folder folder;
  const auto file = folder / "journal.db";
  {
    auto journal = open_journal({.file = file});
    REQUIRE(journal.commit(batch{}.add(note_written{"a", "b", text("from before")})));
  }
  {
    SQLite::Database old{file.string(), SQLite::OPEN_READWRITE};
    old.exec("DROP TABLE recent; PRAGMA user_version = 1");
  }
  auto journal = open_journal({.file = file});
  CHECK((*journal.note("a", "b"))->text() == "from before");
  REQUIRE(journal.commit(batch{}.add(note_written{"a", "c", text("and on")})));
  CHECK(journal.check()->sound());
}

TEST_CASE("a journal that lacks a table is refused as damaged", "[journal][sqlite]") {
  for (const auto* missing : {"recent", "bundles"}) {
    scratch_folder folder;
    const auto file = folder / "journal.db";
    make_journal(file);
    {
      SQLite::Database broken{file.string(), SQLite::OPEN_READWRITE};
      broken.exec("DROP TABLE " + std::string{missing});
    }
    CHECK(refused(file).why == journal_errc::corrupted);
  }
}

TEST_CASE("files of others are refused and left as they are", "[journal][sqlite]") {
  scratch_folder folder;
  const auto file = folder / "journal.db";
  SECTION("text") { std::ofstream{file} << "dear diary"; }
  SECTION("another database") {
    SQLite::Database{file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE}.exec(
        "CREATE TABLE bookmarks (url TEXT)");
  }
  SECTION("another application's database") {
    SQLite::Database{file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE}.exec(
        "PRAGMA application_id = 7; CREATE TABLE bookmarks (url TEXT)");
  }
  const auto before = contents(file);
  CHECK(refused(file).why == journal_errc::not_a_journal);
  CHECK(contents(file) == before);
}

TEST_CASE("a journal that was not finished is made anew", "[journal][sqlite]") {
  scratch_folder folder;
  const auto file = folder / "journal.db";
  SECTION("no byte was written") { std::ofstream{file}.close(); }
  SECTION("the log's mode was") {
    SQLite::Database{file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE}.exec(
        "PRAGMA journal_mode = WAL");
  }
  auto journal = open_journal(sqlite_settings{file});
  CHECK(journal.opened().fresh);
}

TEST_CASE("a journal is open once", "[journal][sqlite]") {
  scratch_folder folder;
  const auto file = folder / "journal.db";
  auto journal = open_journal(sqlite_settings{file});
  CHECK(refused(file).why == journal_errc::in_use);
  CHECK(journal.commit(batch{}.add(note_written{"a", "b", text("c")})));
}

TEST_CASE("looking at an open journal does not unlock it", "[journal][sqlite]") {
  scratch_folder folder;
  const auto file = folder / "journal.db";
  auto journal = open_journal(sqlite_settings{file});
  CHECK(refused(file).why == journal_errc::in_use);  // From this process, which had a look.
  CHECK(repair_journal(file, {.file = folder / "new.db"}).error().why == journal_errc::in_use);
  // SQLite in a child would still believe its parent's tables: ask the system.
  const auto child = ::fork();
  if (child == 0) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_start = 0x40000000;  // Where SQLite's locks are.
    lock.l_len = 512;
    const int descriptor = ::open(file.c_str(), O_RDWR);
    std::_Exit(::fcntl(descriptor, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("a folder that is not there is said so", "[journal][sqlite]") {
  scratch_folder folder;
  CHECK(refused(folder / "nowhere/journal.db").why == journal_errc::cannot_open);
}

TEST_CASE("others cannot read a journal, nor its logs", "[journal][sqlite]") {
  scratch_folder folder;
  auto journal = open_journal(sqlite_settings{folder / "journal.db"});
  REQUIRE(journal.commit(batch{}.add(note_written{"a", "b", text("c")})));
  for (const auto* name : {"journal.db", "journal.db-wal", "journal.db-commits"}) {
    struct stat status {};
    REQUIRE(::stat((folder / name).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
}

TEST_CASE("a copied journal is refused until somebody vouches for it", "[journal][sqlite]") {
  scratch_folder folder;
  make_journal(folder / "journal.db");
  fs::copy_file(folder / "journal.db", folder / "copy.db");
  auto original = open_journal(sqlite_settings{folder / "journal.db"}, {me, at(2000), {}, {1}});
  {
    auto store = open_sqlite(sqlite_settings{folder / "copy.db"});
    REQUIRE(store);
    const auto refused = node_journal::open(std::move(*store), {me, at(2000), {}, {2}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == journal_errc::moved);
  }
  // As nothing was changed, it is refused again until somebody says that it may be used.
  auto copy = open_journal(sqlite_settings{folder / "copy.db"},
                           {me, at(2000), {}, {2}, /*may_have_moved=*/true});
  CHECK_FALSE(original.opened().moved);
  CHECK(copy.opened().moved);
  CHECK(compare(original.lives(), copy.lives()) == kinship::twins);
}

TEST_CASE("a large log is checked whole at opening", "[journal][sqlite]") {
  scratch_folder folder;
  {
    auto journal = open_journal(sqlite_settings{folder / "journal.db"});
    batch work;
    for (sequence n = 1; n <= 2000; ++n)
      work.add(bundle(lobby, tag_b, n, n, std::string(1000, 'x')));
    REQUIRE(journal.commit(work));
    const auto report = *journal.check();
    CHECK(report.sound());
    CHECK(report.rows == 2003);  // The owner, this life, and how far rows have moved.
  }
  auto journal = open_journal(sqlite_settings{folder / "journal.db"});
  CHECK(*journal.usage(lobby) == log_usage{2000, 2'000'000});
  std::size_t read = 0;
  for (sequence from = 1;;) {
    const auto page = *journal.bundles(lobby, tag_b, from, 64'000);
    if (page.empty()) break;
    read += page.size();
    from = page.back().last + 1;
  }
  CHECK(read == 2000);
}

}  // namespace
}  // namespace causerie::journal::test
