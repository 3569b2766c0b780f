// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "journal/node_journal.hpp"
#include "journal/simulated_disk.hpp"
#include "journal/sqlite/sqlite_journal.hpp"
#include "tests/catch.hpp"

namespace causerie::journal::test {

inline const node_id me{{1, 2, 3}}, ann{{4}}, bob{{5}};
inline const group_id lobby{{1}}, kitchen{{2}};
constexpr member_tag tag_a{10}, tag_b{~std::uint64_t{0}};  // The second is negative to SQLite.

inline wall_time at(std::int64_t ms) { return wall_time{std::chrono::milliseconds{ms}}; }
inline shared_bytes text(std::string_view words) { return shared_bytes::copy_of(words); }
/// Tests copy their journals as they like.
inline opening_request request(std::int64_t now_ms = 1000) {
  return {me, at(now_ms), {}, {}, /*may_have_moved=*/true};
}

/// A folder that goes with the test.
class scratch_folder {
public:
  scratch_folder() {
    auto name = (std::filesystem::temp_directory_path() / "causerie-journal-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

private:
  std::filesystem::path path_;
};

inline std::string contents(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline node_journal open_journal(const sqlite_settings& settings,
                                 const opening_request& with = request()) {
  auto store = open_sqlite(settings);
  if (!store) FAIL(store.error().what);
  auto journal = node_journal::open(std::move(*store), with);
  if (!journal) FAIL(journal.error().message());
  return std::move(*journal);
}

inline node_journal open_journal(simulated_disk& disk, const opening_request& with = request()) {
  auto store = disk.open(/*synced=*/false);
  REQUIRE(store);
  auto journal = node_journal::open(std::move(*store), with);
  REQUIRE(journal);
  return std::move(*journal);
}

/// One journal on either disk, closed and opened as a test likes.
class reopened_journal {
public:
  virtual ~reopened_journal() = default;
  virtual node_journal open(const opening_request& with = request()) = 0;
};
class on_sqlite final : public reopened_journal {
public:
  node_journal open(const opening_request& with) override {
    return open_journal(sqlite_settings{folder_ / "journal.db"}, with);
  }

private:
  scratch_folder folder_;
};
class on_simulated_disk final : public reopened_journal {
public:
  node_journal open(const opening_request& with) override { return open_journal(disk_, with); }

private:
  simulated_disk disk_;
};

inline bundle_held bundle(const group_id& group, member_tag sender, sequence first, sequence last,
                          std::string_view words = "hello", std::int64_t ms = 0) {
  return {group, sender, first, last, at(ms), text(words)};
}
inline event_delivered event(const group_id& group, cursor position, member_tag sender,
                             sequence number) {
  return {group, position, {sender, number}, {}};
}

/// CAUSERIE_SEED, or `otherwise`.
inline std::uint64_t seed_or(std::uint64_t otherwise) {
  const auto* given = std::getenv("CAUSERIE_SEED");
  return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}

}  // namespace causerie::journal::test
