// SPDX-License-Identifier: BSL-1.0
// SQLite against the simulated disk: what one does, the other does.
#include "journal/row_store.hpp"

#include <rapidcheck.h>

#include <tuple>

#include "journal/gathering_store.hpp"
#include "journal/row_key.hpp"
#include "tests/journal/journal_world.hpp"
#include "tests/journal/shim_vfs.hpp"

namespace causerie::journal::test {
namespace {

using step = std::tuple<std::uint8_t, std::uint8_t, std::uint16_t>;  // What, which key, how large.
using dump = std::vector<std::pair<byte_buffer, byte_buffer>>;

dump dump_of(row_store& store, table in, byte_view first = {}, byte_view beyond = {}) {
  dump rows;
  const auto error = store.scan(in, first, beyond, [&](const row_view& row) {
    rows.emplace_back(byte_buffer{row.key.begin(), row.key.end()},
                      byte_buffer{row.value.begin(), row.value.end()});
    return true;
  });
  RC_ASSERT_FALSE(bool(error));
  return rows;
}

/// Does one step and says what the store answered.
std::uint64_t perform(row_store& store, const step& todo) {
  const auto [what, which, size] = todo;
  const auto in = which % 2 == 0 ? table::notes : table::cursors;
  const auto key = row_key{}.add(std::uint8_t(which % 32));
  const byte_buffer value(size % 10'000u, std::byte(size));
  switch (what % 8) {
    case 0:
    case 1: return *store.insert(in, key, value) ? 1 : 0;
    case 2:
    case 3: return store.put(in, key, value) ? 1 : 0;
    case 4: return *store.erase(in, key, row_key{}.add(std::uint8_t(which % 32 + size % 5)));
    case 5: {
      const auto found = *store.get(in, key);
      return found ? found->size() + 1 : 0;
    }
    case 6: return dump_of(store, in, key).size();
    default: return size % 100 == 0 ? *store.erase(in, key, {}) : 0;
  }
}

/// A few transactions; every third one is taken back. `same_marks`: a gathering store numbers the
/// commits that move rows as well.
void perform_all(row_store& one, row_store& other, const std::vector<std::vector<step>>& all,
                 bool same_marks) {
  int count = 0;
  for (const auto& transaction : all) {
    for (auto* store : {&one, &other}) RC_ASSERT_FALSE(bool(store->begin(durability::process)));
    for (const auto& todo : transaction) RC_ASSERT(perform(one, todo) == perform(other, todo));
    if (++count % 3 == 0) {
      one.rollback();
      other.rollback();
    } else {
      const auto mark = one.commit(), other_mark = other.commit();
      RC_ASSERT(mark.has_value() && other_mark.has_value());
      RC_ASSERT(!same_marks || mark->number == other_mark->number);
    }
    if (count % 4 == 0)
      for (auto* store : {&one, &other}) RC_ASSERT_FALSE(bool(store->maintain()));
  }
}

void compare(row_store& one, row_store& other) {
  for (const auto in : tables)
    if (in != table::recent) RC_ASSERT(dump_of(one, in) == dump_of(other, in));
}

TEST_CASE("the simulated disk does what SQLite does", "[journal][row_store]") {
  CHECK(rc::check("differential", [](const std::vector<std::vector<step>>& all) {
    scratch_folder folder;
    simulated_disk disk;
    const shim_vfs shim;  // Waits for no real disk.
    const sqlite_settings settings{
        .file = folder / "journal.db", .checkpoint_pages = 8, .vfs = shim.name()};
    for (int life = 0; life < 2; ++life) {
      auto file = open_sqlite_tables(settings);
      RC_ASSERT(file.has_value());
      auto simulated = disk.open(false);
      perform_all(**file, **simulated, all, /*same_marks=*/true);
      compare(**file, **simulated);
      RC_ASSERT((*file)->check()->sound());
    }
  }));
}

TEST_CASE("rows that are gathered answer as rows in their tables do", "[journal][row_store]") {
  CHECK(rc::check("differential", [](const std::vector<std::vector<step>>& all, bool killed) {
    simulated_disk gathered, plain;
    for (int life = 0; life < 3; ++life) {
      auto store = gathering_store::open(*gathered.open(false), {.commits = 3, .bytes = 40'000});
      RC_ASSERT(store.has_value());
      auto simulated = plain.open(false);
      perform_all(**store, **simulated, all, /*same_marks=*/false);
      compare(**store, **simulated);
      if (killed) gathered.kill();
    }
    auto store = gathering_store::open(*gathered.open(false));
    compare(**store, **plain.open(false));
  }));
}

}  // namespace
}  // namespace causerie::journal::test
