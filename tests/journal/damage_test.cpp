// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <set>

#include "journal/sqlite/file_header.hpp"
#include "journal/sqlite/journal_repair.hpp"
#include "protocol/random.hpp"
#include "tests/journal/journal_world.hpp"

namespace causerie::journal::test {
namespace {

namespace fs = std::filesystem;
constexpr sequence log_length = 300;
const channel_key mail{ann, "mail"};

/// A journal of some 150 pages, with unused ones among them, closed.
void make_journal(const fs::path& file, bool tidy) {
  auto journal = open_journal({.file = file, .checkpoint_pages = tidy ? 1u : 100'000u});
  REQUIRE(journal.commit(batch{}
                             .add(group_kept{kitchen, "kitchen", {}})
                             .add(channel_begun{mail, channel_side::sending, 5, 1})));
  for (sequence n = 1; n <= log_length; ++n) {
    batch work;
    if (n == 1) work.add(group_kept{lobby, "lobby", {}});
    work.add(bundle(lobby, tag_a, n, n, std::string(100 + n, 'a')))
        .add(bundle(lobby, tag_b, n, n, std::string(500, 'b')))
        .add(bundle(kitchen, tag_a, n, n, std::string(400, 'k')))
        .add(event(lobby, n, tag_a, n))
        .add(outbox_added{mail, 5, n, text(std::string(n * 20, 'm'))})
        .add(clock_saved{lobby, clock_kind::delivered, {{tag_a, n}, {tag_b, n}}});
    if (n % 50 == 0) work.add(history_forgotten{lobby, {{tag_a, n / 2}}});
    REQUIRE(journal.commit(work));
  }
  REQUIRE(journal.commit(batch{}.add(group_dropped{kitchen}).add(outbox_settled{mail, 5, 1, 100})));
  REQUIRE(journal.commit(batch{}.add(cursor_moved{lobby, "screen", 200})));
}

/// What a journal keeps of things that never change, a line each.
std::set<std::string> contents_of(node_journal& journal) {
  std::set<std::string> lines;
  for (const auto tag : {tag_a, tag_b}) {
    const auto log = journal.bundles(lobby, tag, 0, std::size_t{1} << 30);
    for (const auto& one : *log)
      lines.insert("bundle " + std::to_string(protocol::number(tag)) + " " +
                   std::to_string(one.first) + std::string{one.body.text()});
  }
  CHECK(journal.bundles(kitchen, tag_a, 0, 1 << 30)->empty());
  const auto stream = journal.events(lobby, 0, 10'000);
  for (const auto& item : *stream)
    if (const auto* one = std::get_if<event_delivered>(&item))
      lines.insert("event " + std::to_string(one->position) + " " +
                   std::to_string(one->message.number));
  const auto outbox = journal.outbox(mail, 0, std::size_t{1} << 30);
  for (const auto& one : *outbox)
    lines.insert("letter " + std::to_string(one.seq) + std::string{one.payload.text()});
  return lines;
}

void damage(const fs::path& file, protocol::random_source& chance) {
  auto bytes = contents(file);
  const auto pages = bytes.size() / page_bytes;
  const auto page = chance.below(pages) * page_bytes;
  const auto fill = [&](auto make) {
    for (std::size_t i = 0; i < page_bytes; ++i) bytes[page + i] = make();
  };
  switch (chance.below(5)) {
    case 0:
      bytes[page + chance.below(page_bytes)] ^= static_cast<char>(chance.between(1, 255));
      break;
    case 1: fill([] { return '\0'; }); break;
    case 2: fill([&] { return static_cast<char>(chance.below(256)); }); break;
    case 3:
      for (int i = 0; i < 40; ++i)
        bytes[chance.below(bytes.size())] ^= static_cast<char>(1u << chance.below(8));
      break;
    case 4: bytes.resize(page + chance.below(page_bytes)); break;
  }
  std::ofstream{file, std::ios::binary | std::ios::trunc} << bytes;
}

/// Every message that is missing is said to be, and none other.
void check_missing(node_journal& journal, const repair_report& report) {
  const auto loss = std::ranges::find(report.groups, lobby, &repair_report::group_loss::group);
  if (loss != report.groups.end() && loss->must_join_again) return;
  std::set<std::pair<std::uint64_t, sequence>> missing, expected;
  if (loss != report.groups.end())
    for (const auto& range : loss->missing)
      for (auto n = range.first; n <= range.last; ++n)
        missing.emplace(protocol::number(range.tag), n);
  const auto image = journal.group(lobby);
  for (const auto tag : {tag_a, tag_b}) {
    std::set<sequence> held;
    const auto log = journal.bundles(lobby, tag, 0, std::size_t{1} << 30);
    for (const auto& one : *log) held.insert(one.first);
    for (auto n = (*image)->floor.at(tag) + 1; n <= log_length; ++n)
      if (!held.contains(n)) expected.emplace(protocol::number(tag), n);
  }
  CHECK(missing == expected);
}

TEST_CASE("a damaged journal is refused untouched, or shows nothing wrong; repair saves the rest",
          "[journal][sqlite][damage]") {
  scratch_folder original;
  make_journal(original / "journal.db", true);
  std::set<std::string> all;
  {
    auto journal = open_journal(sqlite_settings{original / "journal.db"});
    all = contents_of(journal);
  }
  REQUIRE(all.size() > 700);
  int refused = 0;
  std::size_t saved = 0;
  const auto base = seed_or(1);
  for (std::uint64_t seed = base; seed < base + 60; ++seed) {
    INFO("CAUSERIE_SEED=" << seed);
    protocol::random_source chance{seed};
    scratch_folder folder;
    const auto file = folder / "journal.db";
    fs::copy_file(original / "journal.db", file);
    damage(file, chance);
    const auto before = contents(file);
    auto opened = open_sqlite({.file = file});
    if (opened) {
      auto journal = node_journal::open(std::move(*opened), request(3000));
      REQUIRE(journal);
      CHECK(contents_of(*journal) == all);
      continue;
    }
    ++refused;
    INFO(opened.error().what);
    CHECK(is_final(opened.error().why) == (opened.error().why == journal_errc::corrupted));
    REQUIRE(contents(file) == before);
    const auto report = repair_journal(file, {.file = folder / "repaired.db"});
    if (!report) FAIL(report.error().what);
    CHECK(contents(file) == before);
    auto repaired = open_journal(sqlite_settings{folder / "repaired.db"}, request(4000));
    CHECK(repaired.check()->sound());
    const auto left = contents_of(repaired);
    // Where the list of unused pages is lost, what had been deleted may be back.
    if (!report->read.doubtful) CHECK(std::ranges::includes(all, left));
    if (*repaired.group(lobby) && !report->read.doubtful) check_missing(repaired, *report);
    saved += left.size();
  }
  CHECK(refused > 30);
  CHECK(saved / static_cast<std::size_t>(refused) > all.size() * 3 / 4);
}

TEST_CASE("a changed byte in a value is noticed, where SQLite sees nothing", "[journal][sqlite]") {
  scratch_folder folder;
  const auto file = folder / "journal.db";
  make_journal(file, true);
  auto bytes = contents(file);
  bytes[bytes.rfind(std::string(300, 'b')) + 50] = 'c';
  std::ofstream{file, std::ios::binary} << bytes;
  const auto opened = open_sqlite({.file = file});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().why == journal_errc::corrupted);
  CHECK(opened.error().what.find("bundles: 1 of") != std::string::npos);
  CHECK(open_sqlite({.file = file, .check = check_level::structure}));
}

TEST_CASE("peers refill what damage took", "[journal][sqlite][damage]") {
  scratch_folder folder;
  const auto file = folder / "journal.db";
  make_journal(file, true);
  auto bytes = contents(file);
  const auto page = bytes.rfind(std::string(300, 'b')) / page_bytes * page_bytes;
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(page), page_bytes, '\0');
  std::ofstream{file, std::ios::binary} << bytes;
  const auto report = repair_journal(file, {.file = folder / "repaired.db"});
  REQUIRE(report);
  REQUIRE(report->groups.size() == 1);
  REQUIRE_FALSE(report->groups[0].missing.empty());
  CHECK_FALSE(report->read.doubtful);
  auto journal = open_journal(sqlite_settings{folder / "repaired.db"});
  CHECK(journal.opened().moved);
  for (const auto& range : report->groups[0].missing)
    for (auto n = range.first; n <= range.last; ++n)
      REQUIRE(journal.commit(batch{}.add(bundle(lobby, range.tag, n, n, "refilled"))));
  CHECK(journal.missing(lobby)->empty());
}

TEST_CASE("repair reads what only the logs have", "[journal][sqlite][damage]") {
  scratch_folder folder, crashed;
  const auto file = folder / "journal.db";
  {
    auto journal = open_journal({.file = file, .checkpoint_pages = 100'000});
    REQUIRE(journal.commit(batch{}.add(note_written{"a", "b", text("in a log")})));
    // As a kill leaves it.
    for (const auto* name : {"journal.db", "journal.db-wal", "journal.db-commits"})
      fs::copy_file(folder / name, crashed / name);
  }
  REQUIRE(repair_journal(crashed / "journal.db", {.file = crashed / "repaired.db"}));
  auto repaired = open_journal(sqlite_settings{crashed / "repaired.db"});
  CHECK((*repaired.note("a", "b"))->text() == "in a log");
  CHECK_FALSE(repaired.opened().fresh);
}

TEST_CASE("repair never writes over a file", "[journal][sqlite][damage]") {
  scratch_folder folder;
  make_journal(folder / "journal.db", true);
  const auto report = repair_journal(folder / "journal.db", {.file = folder / "journal.db"});
  REQUIRE_FALSE(report);
  CHECK(report.error().why == journal_errc::cannot_open);
}

}  // namespace
}  // namespace causerie::journal::test
