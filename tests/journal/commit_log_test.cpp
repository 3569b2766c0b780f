// SPDX-License-Identifier: BSL-1.0
#include "journal/sqlite/commit_log.hpp"

#include <rapidcheck.h>

#include <map>
#include <tuple>

#include "journal/number_key.hpp"
#include "tests/journal/journal_world.hpp"
#include "tests/journal/shim_vfs.hpp"

namespace causerie::journal::test {
namespace {

namespace fs = std::filesystem;

constexpr commit_log::identity ours{{1, 2}}, theirs{{3}};

class log_file {
public:
  log_file() { std::ofstream{commit_log::beside(database())}; }
  [[nodiscard]] fs::path database() const { return folder_ / "journal.db"; }
  [[nodiscard]] commit_log open() const { return {database(), {}}; }
  [[nodiscard]] std::string bytes() const { return contents(commit_log::beside(database())); }
  void overwrite(const std::string& with) const {
    std::ofstream{commit_log::beside(database()), std::ios::binary} << with;
  }

private:
  scratch_folder folder_;
};

/// Entries `first` to `last`: each says its own number.
void append(commit_log& log, std::uint64_t first, std::uint64_t last) {
  for (auto n = first; n <= last; ++n)
    REQUIRE_FALSE(log.append(n, 100 + n, text("entry " + std::to_string(n)).view()));
}

bool are(const std::vector<commit_log::entry>& entries, std::uint64_t first, std::uint64_t last) {
  auto n = first;
  for (const auto& one : entries) {
    if (one.sequence != n || one.key != 100 + n) return false;
    if (one.value.text() != "entry " + std::to_string(n)) return false;
    ++n;
  }
  return n == last + 1;
}

TEST_CASE("a commit log gives back what was appended, behind what is known", "[journal][log]") {
  const log_file file;
  {
    auto log = file.open();
    REQUIRE(log.is_open());
    CHECK(log.after(0, ours).empty());
    log.restart(ours);
    append(log, 8, 12);
  }
  auto log = file.open();
  CHECK(are(log.after(7, ours), 8, 12));
  CHECK(are(log.after(10, ours), 11, 12));
  CHECK(log.after(12, ours).empty());
  CHECK(log.after(6, ours).empty());  // The seventh is missing: nothing behind it counts.
  CHECK(log.after(7, theirs).empty());
  CHECK(are(commit_log::salvage(file.database()), 8, 12));
  REQUIRE_FALSE(log.sync());
  log.clear();
  CHECK(file.bytes().empty());
}

TEST_CASE("a commit log that was begun again shows nothing from before", "[journal][log]") {
  const log_file file;
  auto log = file.open();
  log.restart(ours);
  append(log, 1, 9);
  log.restart();
  CHECK(log.empty());
  append(log, 11, 13);
  CHECK(are(log.after(10, ours), 11, 13));
  // One that was lost to a power cut and is written anew, by another life: same places, same sizes.
  log.restart(theirs);
  append(log, 1, 2);
  CHECK(are(log.after(0, theirs), 1, 2));
}

TEST_CASE("a commit log ends at the first entry that is not whole", "[journal][log]") {
  const log_file file;
  {
    auto log = file.open();
    log.restart(ours);
    append(log, 1, 4);
  }
  const auto whole = file.bytes();
  std::size_t last = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    file.overwrite(whole.substr(0, size));
    const auto found = file.open().after(0, ours);
    CHECK(are(found, 1, found.size()));
    CHECK((found.size() == last || found.size() == last + 1));
    last = found.size();
  }
  CHECK(last == 3);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    file.overwrite(changed);
    const auto found = file.open().after(0, ours);
    CHECK(found.size() < 4);
    CHECK(are(found, 1, found.size()));
  }
}

TEST_CASE("an entry that did not fit is written over", "[journal][log]") {
  const log_file file;
  shim_vfs shim;
  commit_log log{file.database(), shim.name()};
  log.restart(ours);
  append(log, 1, 2);
  shim.write_bytes_left = 10;
  CHECK(log.append(3, 103, text("entry 3").view()) == journal_errc::disk_full);
  shim.write_bytes_left = shim_vfs::never;
  append(log, 3, 4);
  CHECK(are(log.after(0, ours), 1, 4));
  shim.writes_left = 0;
  CHECK(log.append(5, 105, {}) == journal_errc::io_failed);
  shim.syncs_left = 0;
  CHECK(log.sync() == journal_errc::sync_failed);
}

void copy_all(const scratch_folder& from, const scratch_folder& to) {
  for (const auto& one : fs::directory_iterator{from / ""})
    fs::copy_file(one.path(), to / one.path().filename().string(),
                  fs::copy_options::overwrite_existing);
}

/// What, which key, how large.
using step = std::tuple<std::uint8_t, std::uint8_t, std::uint8_t>;
using rows = std::map<std::uint64_t, std::string>;

rows rows_of(row_store& store) {
  rows found;
  REQUIRE_FALSE(bool(store.scan(table::recent, {}, {}, [&](const row_view& row) {
    found[number_of(row.key)] =
        std::string{reinterpret_cast<const char*>(row.value.data()), row.value.size()};
    return true;
  })));
  return found;
}

/// The same to the store and to a map.
void perform(row_store& store, rows& model, const step& todo) {
  const auto [what, which, size] = todo;
  const std::uint64_t number = which % 16;
  const auto key = number_key(static_cast<std::int64_t>(number));
  const std::string value(size, static_cast<char>('a' + what % 26));
  const auto bytes = std::as_bytes(std::span{value});
  switch (what % 8) {
    case 0:
      RC_ASSERT(*store.insert(table::recent, key, bytes) == model.emplace(number, value).second);
      break;
    case 1: {
      const auto beyond = number_key(static_cast<std::int64_t>(number + size % 4));
      RC_ASSERT(*store.erase(table::recent, key, beyond) ==
                std::erase_if(model, [&](const auto& row) {
                  return row.first >= number && row.first < number + size % 4;
                }));
      break;
    }
    case 2:
      RC_ASSERT_FALSE(!store.erase(table::recent, {}, {}));
      model.clear();
      break;
    case 3: RC_ASSERT_FALSE(bool(store.put(table::notes, key, bytes))); break;
    case 4:
      RC_ASSERT((*store.get(table::recent, key)).has_value() == model.contains(number));
      break;
    default: RC_ASSERT_FALSE(bool(store.put(table::recent, key, bytes))); model[number] = value;
  }
}

TEST_CASE("recent rows are the same wherever they lie, over kills", "[journal][log][row_store]") {
  CHECK(rc::check("differential", [](const std::vector<std::vector<step>>& all, bool close) {
    const shim_vfs shim;  // Waits for no real disk.
    auto folder = std::make_unique<scratch_folder>();
    rows kept;
    std::uint8_t count = 0;
    for (int life = 0; life < 3; ++life) {
      auto store = open_sqlite_tables({.file = *folder / "journal.db", .vfs = shim.name()});
      RC_ASSERT(store.has_value());
      RC_ASSERT(rows_of(**store) == kept);
      for (const auto& transaction : all) {
        auto model = kept;
        RC_ASSERT_FALSE(bool((*store)->begin(durability::process)));
        for (const auto& todo : transaction) perform(**store, model, todo);
        // Some do nothing but this, as nearly all do in life.
        if (transaction.size() % 2 == 0)
          perform(**store, model, {std::uint8_t{5}, ++count, std::uint8_t{7}});
        if (++count % 4 == 0) {
          (*store)->rollback();
        } else {
          RC_ASSERT((*store)->commit().has_value());
          kept = std::move(model);
        }
        RC_ASSERT(rows_of(**store) == kept);
      }
      // A kill leaves the files as they are while the store is open.
      if (close) store->reset();
      auto next = std::make_unique<scratch_folder>();
      copy_all(*folder, *next);
      if (!close) store->reset();
      folder = std::move(next);
    }
  }));
}

std::unique_ptr<row_store> open_tables(const scratch_folder& folder, const std::string& vfs = {}) {
  auto store = open_sqlite_tables({.file = folder / "journal.db", .vfs = vfs});
  if (!store) FAIL(store.error().what);
  return std::move(*store);
}

/// One commit that is one row.
void keep(row_store& store, table in, std::uint64_t number, std::string_view words) {
  REQUIRE_FALSE(store.begin(durability::process));
  const auto key = number_key(static_cast<std::int64_t>(number));
  REQUIRE_FALSE(store.put(in, key, text(words).view()));
  REQUIRE(store.commit());
}

TEST_CASE("a commit of other tables takes the log's rows along", "[journal][log]") {
  scratch_folder folder, killed;
  const auto store = open_tables(folder);
  keep(*store, table::recent, 1, "one");
  CHECK(fs::file_size(folder / "journal.db-commits") > 0);
  keep(*store, table::notes, 7, "a note");
  CHECK(rows_of(*store) == rows{{1, "one"}});
  keep(*store, table::recent, 2, "two");
  copy_all(folder, killed);
  CHECK(rows_of(*open_tables(killed)) == rows{{1, "one"}, {2, "two"}});
}

TEST_CASE("what a power cut took does not come back with a later kill", "[journal][log]") {
  scratch_folder before, later, cut, killed;
  open_tables(before).reset();
  copy_all(before, later);
  copy_all(before, cut);
  {
    const auto store = open_tables(later);
    keep(*store, table::notes, 1, "taken");
    for (std::uint64_t n = 1; n <= 3; ++n) keep(*store, table::recent, n, "old");
    // The database was not synced; the log happened to be.
    fs::copy_file(later / "journal.db-commits", cut / "journal.db-commits",
                  fs::copy_options::overwrite_existing);
  }
  const auto store = open_tables(cut);
  CHECK(rows_of(*store).empty());
  keep(*store, table::notes, 1, "anew");
  keep(*store, table::recent, 1, "new");  // Where the old log has its first, and of its size.
  copy_all(cut, killed);
  CHECK(rows_of(*open_tables(killed)) == rows{{1, "new"}});
}

TEST_CASE("what was promised in an earlier life outlives a power cut in this one",
          "[journal][log]") {
  scratch_folder folder, killed;
  {
    const auto store = open_tables(folder);
    for (std::uint64_t n = 1; n <= 3; ++n) keep(*store, table::recent, n, "promised");
    REQUIRE(store->sync());
    copy_all(folder, killed);
  }
  const auto base = seed_or(1);
  for (std::uint64_t seed = base; seed < base + 40; ++seed) {
    INFO("CAUSERIE_SEED=" << seed);
    protocol::random_source chance{seed};
    scratch_folder here, cut;
    copy_all(killed, here);
    const shim_vfs shim;
    const auto store = open_tables(here, shim.name());
    keep(*store, table::recent, 4, "not promised");
    shim.cut_power_into(cut / "", chance);
    auto left = rows_of(*open_tables(cut));
    left.erase(4);
    CHECK(left == rows{{1, "promised"}, {2, "promised"}, {3, "promised"}});
  }
}

/// Several lives, each ended by a power cut: what is there afterwards is what was written last
/// under each number, without a hole, and no less than was promised.
void survive_power_cuts(std::uint64_t seed, std::uint64_t& lost) {
  protocol::random_source chance{seed};
  std::vector<std::string> written;  // By number: which life wrote it.
  scratch_folder folders[5];
  for (int life = 0; life + 1 < 5; ++life) {
    std::size_t promised = 0;
    {
      shim_vfs shim;
      auto journal = open_journal({.file = folders[life] / "journal.db", .vfs = shim.name()},
                                  request(1000 * (life + 1)));
      const auto held = [&](std::size_t n) {
        return *journal.note("seed", std::to_string(1000 + n));
      };
      std::size_t survived = 0;
      for (; survived < written.size() && held(survived); ++survived)
        REQUIRE(held(survived)->text() == written[survived]);
      for (auto n = survived; n < written.size(); ++n) REQUIRE_FALSE(held(n));
      lost += written.size() - survived;
      written.resize(survived);
      promised = survived;
      for (auto count = chance.below(700); count > 0; --count) {
        const auto value = "life " + std::to_string(life);
        const auto key = std::to_string(1000 + written.size());
        REQUIRE(journal.commit(batch{}.add(note_written{"seed", key, text(value)})));
        written.push_back(value);
        if (chance.chance(0.003) && journal.sync()) promised = written.size();
      }
      shim.cut_power_into(folders[life + 1] / "", chance);
    }
    auto journal =
        open_journal(sqlite_settings{folders[life + 1] / "journal.db"}, request(1000 * (life + 2)));
    for (std::size_t n = 0; n < promised; ++n)
      REQUIRE(*journal.note("seed", std::to_string(1000 + n)));
  }
}

TEST_CASE("one power cut after the other takes from the end only", "[journal][log]") {
  std::uint64_t lost = 0;
  const auto base = seed_or(1);
  for (std::uint64_t seed = base; seed < base + 30; ++seed) {
    INFO("CAUSERIE_SEED=" << seed);
    survive_power_cuts(seed, lost);
  }
  CHECK(lost > 0);
}

}  // namespace
}  // namespace causerie::journal::test
