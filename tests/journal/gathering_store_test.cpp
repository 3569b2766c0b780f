// SPDX-License-Identifier: BSL-1.0
#include "journal/gathering_store.hpp"

#include "journal/row_key.hpp"
#include "tests/journal/journal_world.hpp"

namespace causerie::journal::test {
namespace {

constexpr gathering_store::bounds four{.commits = 4, .bytes = 100'000};

row_key key(std::uint64_t number) { return row_key{}.add(number); }

/// A gathering store on a disk that outlives it, and the disk as it is without.
struct gathered_disk {
  simulated_disk disk;
  std::unique_ptr<row_store> store = open();

  std::unique_ptr<row_store> open() { return *gathering_store::open(*disk.open(false), four); }
  void kill() {
    disk.kill();
    store = nullptr;
    store = open();
  }
  std::error_code keep(std::uint64_t number, std::string_view value) {
    auto error = store->begin(durability::process);
    if (!error) error = store->put(table::notes, key(number), text(value).view());
    if (!error)
      if (const auto done = store->commit(); !done) error = done.error();
    if (error) store->rollback();
    return error;
  }
  std::string value(std::uint64_t number) {
    const auto found = *store->get(table::notes, key(number));
    return found ? std::string{found->text()} : "none";
  }
  /// How many rows of a table lie below.
  std::size_t below(table in) {
    auto copy = disk.copy({});
    const auto plain = *copy.open(false);
    std::size_t rows = 0;
    CHECK_FALSE(plain->scan(in, {}, {}, [&](const row_view&) { return ++rows > 0; }));
    return rows;
  }
};

TEST_CASE("a commit is one row, and many move together", "[journal][gathering]") {
  gathered_disk at;
  for (int i = 0; i < 3; ++i) REQUIRE_FALSE(at.keep(7, std::to_string(i)));
  CHECK(at.below(table::recent) == 3);
  CHECK(at.below(table::notes) == 0);
  CHECK(at.value(7) == "2");
  REQUIRE_FALSE(at.keep(8, "fourth"));
  CHECK(at.below(table::recent) == 1);  // How far rows have moved.
  CHECK(at.below(table::notes) == 2);
  CHECK(at.value(7) == "2");
}

TEST_CASE("what has not moved when the process dies is there again", "[journal][gathering]") {
  for (int commits = 1; commits < 10; ++commits) {
    gathered_disk at;
    for (int i = 0; i < commits; ++i) REQUIRE_FALSE(at.keep(i % 3, std::to_string(i)));
    at.kill();
    CHECK(at.value((commits - 1) % 3) == std::to_string(commits - 1));
    REQUIRE_FALSE(at.keep(0, "next life"));
    at.kill();
    CHECK(at.value(0) == "next life");
  }
}

TEST_CASE("a transaction that was not committed is nowhere", "[journal][gathering]") {
  gathered_disk at;
  REQUIRE_FALSE(at.keep(1, "kept"));
  REQUIRE_FALSE(at.store->begin(durability::process));
  REQUIRE_FALSE(at.store->put(table::notes, key(1), text("not").view()));
  at.kill();
  CHECK(at.value(1) == "kept");
}

TEST_CASE("rows that do not fit stay gathered and lose nothing", "[journal][gathering]") {
  gathered_disk at;
  for (int i = 0; i < 3; ++i) REQUIRE_FALSE(at.keep(i, std::string(100, 'a')));
  at.disk.bytes_max = 700;  // For a fourth commit, and not for all rows a second time.
  CHECK_FALSE(at.keep(3, std::string(100, 'b')));
  CHECK(at.below(table::recent) == 4);
  CHECK(at.keep(4, std::string(300, 'c')) == journal_errc::disk_full);
  CHECK(at.value(4) == "none");
  CHECK(at.value(3) == std::string(100, 'b'));
  at.disk.bytes_max.reset();
  CHECK_FALSE(at.keep(4, "there is room"));
  CHECK(at.below(table::notes) == 5);
  at.kill();
  CHECK(at.value(3) == std::string(100, 'b'));
  CHECK(at.value(4) == "there is room");
}

TEST_CASE("a power cut takes gathered commits from the end only", "[journal][gathering]") {
  for (std::size_t lost = 0; lost < 9; ++lost) {
    gathered_disk at;
    for (int i = 0; i < 7; ++i) REQUIRE_FALSE(at.keep(i, "value"));
    at.disk.cut_power(lost);
    at.store = nullptr;
    at.store = at.open();
    int kept = 0;
    while (at.value(kept) == "value") ++kept;
    for (int i = kept; i < 7; ++i) CHECK(at.value(i) == "none");
    // One of the commits was the one that moved four of them.
    CHECK(kept == static_cast<int>(lost <= 3 ? 7 - lost : 8 - lost));
  }
}

TEST_CASE("what has moved is not done again when salvage brings it back", "[journal][gathering]") {
  gathered_disk at;
  for (int i = 0; i < 3; ++i) REQUIRE_FALSE(at.keep(1, "old"));
  std::vector<std::pair<byte_buffer, shared_bytes>> moved;
  REQUIRE_FALSE(at.store->scan(table::recent, {}, {}, [&](const row_view& row) {
    moved.emplace_back(byte_buffer{row.key.begin(), row.key.end()},
                       shared_bytes::copy_of(row.value));
    return true;
  }));
  REQUIRE(moved.size() == 3);
  REQUIRE_FALSE(at.keep(1, "new"));
  at.store = nullptr;
  {
    const auto plain = *at.disk.open(false);
    REQUIRE_FALSE(plain->begin(durability::process));
    for (const auto& [number, value] : moved)
      REQUIRE_FALSE(plain->put(table::recent, number, value.view()));
    REQUIRE(plain->commit());
  }
  at.store = at.open();
  CHECK(at.value(1) == "new");
}

TEST_CASE("what is large goes to its table at once", "[journal][gathering]") {
  gathered_disk at;
  REQUIRE_FALSE(at.keep(1, "small"));
  REQUIRE_FALSE(at.keep(2, std::string(50'000, 'x')));
  CHECK(at.below(table::notes) == 2);
  CHECK(at.value(1) == "small");
}

TEST_CASE("erasing many rows moves everything first", "[journal][gathering]") {
  gathered_disk at;
  for (int i = 0; i < 203; ++i) REQUIRE_FALSE(at.keep(i, "value"));
  REQUIRE_FALSE(at.store->begin(durability::process));
  CHECK(*at.store->erase(table::notes, key(10), key(150)) == 140);
  CHECK(at.value(9) == "value");
  CHECK(at.value(10) == "none");
  SECTION("taken back") {
    at.store->rollback();
    CHECK(at.value(10) == "value");
    CHECK(at.value(202) == "value");
  }
  SECTION("kept") {
    REQUIRE(at.store->commit());
    at.kill();
    CHECK(at.below(table::notes) == 63);
  }
}

}  // namespace
}  // namespace causerie::journal::test
