// SPDX-License-Identifier: BSL-1.0
#include "journal/faulty_store.hpp"

#include "journal/simulated_disk.hpp"
#include "tests/catch.hpp"

using namespace causerie::journal;

namespace {

byte_buffer bytes(std::string_view text) {
  const auto view = std::as_bytes(std::span{text});
  return {view.begin(), view.end()};
}

struct faulty_disk {
  simulated_disk below;
  std::shared_ptr<disk_faults> faults = std::make_shared<disk_faults>();
  std::chrono::nanoseconds waited{};
  faulty_store store{*below.open(/*synced=*/true), faults,
                     [this](std::chrono::nanoseconds longer) { waited += longer; }};

  result<commit_mark> keep(std::string_view key) {
    if (auto error = store.begin(durability::process)) return tl::unexpected{error};
    if (auto error = store.put(table::notes, bytes(key), bytes("value")))
      return tl::unexpected{error};
    auto done = store.commit();
    if (!done) store.rollback();
    return done;
  }
  bool has(std::string_view key) { return store.get(table::notes, bytes(key))->has_value(); }
};

}  // namespace

TEST_CASE("a disk that was filled refuses, and takes the same again later",
          "[journal][faulty_store]") {
  faulty_disk disk;
  REQUIRE(disk.keep("before"));
  disk.faults->full = true;
  CHECK(disk.keep("meanwhile").error() == journal_errc::disk_full);
  CHECK_FALSE(disk.has("meanwhile"));
  CHECK(disk.has("before"));
  disk.faults->full = false;
  CHECK(disk.keep("meanwhile"));
  CHECK(disk.has("meanwhile"));
}

TEST_CASE("a disk whose fsync failed answers nothing any more", "[journal][faulty_store]") {
  faulty_disk disk;
  disk.faults->fail_next_sync = true;
  const auto kept = disk.keep("lost?");
  CHECK(kept.error() == journal_errc::sync_failed);
  CHECK(is_final(kept.error()));
  CHECK(disk.keep("more").error() == journal_errc::poisoned);
  CHECK(disk.store.sync().error() == journal_errc::poisoned);
  CHECK(disk.store.maintain() == journal_errc::poisoned);
  CHECK(disk.store.get(table::notes, bytes("lost?")).error() == journal_errc::poisoned);
}

TEST_CASE("a slow disk takes its time for every commit", "[journal][faulty_store]") {
  using namespace std::chrono_literals;
  faulty_disk disk;
  REQUIRE(disk.keep("at once"));
  CHECK(disk.waited == 0ns);
  disk.faults->slow_ns = std::chrono::nanoseconds{250ms}.count();
  REQUIRE(disk.keep("later"));
  REQUIRE(disk.keep("later still"));
  CHECK(disk.waited == 500ms);
}
