// SPDX-License-Identifier: BSL-1.0
// A writer is killed with SIGKILL at a random moment, again and again, on one journal.
// CAUSERIE_KILLS says how often, CAUSERIE_SEED when.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "protocol/random.hpp"
#include "tests/journal/journal_world.hpp"

namespace causerie::journal::test {
namespace {

const channel_key mail{ann, "mail"};
constexpr std::uint64_t mail_cid = 7;

std::string words_of(std::uint64_t n) { return std::to_string(n) + std::string(n % 700, 'x'); }

/// The n-th step of the writer: a message of the group, delivered and dealt with, and a letter, of
/// which all but the last ten are settled.
batch step(std::uint64_t n) {
  batch work;
  work.add(bundle(lobby, tag_a, n, n, words_of(n)))
      .add(event(lobby, n, tag_a, n))
      .add(clock_saved{lobby, clock_kind::delivered, {{tag_a, n}}})
      .add(cursor_moved{lobby, "screen", n})
      .add(outbox_added{mail, mail_cid, n, text(words_of(n))})
      .add(note_written{"screen", "last", text(std::to_string(n))});
  if (n > 10) work.add(outbox_settled{mail, mail_cid, 1, n - 10});
  return work;
}

/// Goes on where the journal ends and says each acknowledged step, until it is killed.
[[noreturn]] void write_for_ever(const std::filesystem::path& file, int acks, std::uint64_t now) {
  auto store = open_sqlite({.file = file, .checkpoint_pages = 50});
  if (!store) std::_Exit(1);
  auto journal = node_journal::open(std::move(*store), request(static_cast<std::int64_t>(now)));
  if (!journal) std::_Exit(2);
  if (!journal->commit(batch{}
                           .add(group_kept{lobby, "lobby", {}})
                           .add(channel_begun{mail, channel_side::sending, mail_cid, 1})))
    std::_Exit(3);
  const auto image = journal->group(lobby);
  if (!image || !*image) std::_Exit(4);
  for (auto n = (*image)->last + 1;;) {
    std::vector<batch> group;
    for (std::uint64_t i = 0; i <= n % 3; ++i) group.push_back(step(n + i));
    for (const auto& done : journal->commit(group)) {
      if (!done || ::write(acks, &n, sizeof n) != sizeof n) std::_Exit(5);
      ++n;
    }
    if (n % 16 == 0 && journal->maintain()) std::_Exit(6);
  }
}

/// The highest step acknowledged before the writer died, or zero.
std::uint64_t kill_a_writer(const std::filesystem::path& file, std::uint64_t now,
                            protocol::random_source& chance) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) write_for_ever(file, ends[1], now);
  ::close(ends[1]);
  std::uint64_t acknowledged = 0;
  for (auto wanted = chance.below(60); wanted > 0; --wanted)
    if (::read(ends[0], &acknowledged, sizeof acknowledged) != sizeof acknowledged) break;
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::microseconds{chance.below(3000)};
  while (std::chrono::steady_clock::now() < until) {}
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));  // Not one of its own errors.
  while (::read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {}
  ::close(ends[0]);
  return acknowledged;
}

/// Everything up to the last step is there, once, and nothing else. Returns that step.
std::uint64_t verify(node_journal& journal) {
  REQUIRE(journal.check()->sound());
  const auto image = *journal.group(lobby);
  if (!image) return 0;
  const auto last = image->last;
  CHECK(image->delivered.at(tag_a) == last);
  CHECK(image->cursors.contains("screen") == (last > 0));
  CHECK(journal.missing(lobby)->empty());
  const auto stream = *journal.events(lobby, 0, last + 10);
  REQUIRE(stream.size() == last);
  bool right = true;
  for (std::uint64_t n = 1; n <= last; ++n) {
    const auto* told = std::get_if<event_delivered>(&stream[n - 1]);
    right = right && told != nullptr && told->position == n && told->message.number == n;
  }
  CHECK(right);
  const auto log = *journal.bundles(lobby, tag_a, 1, std::size_t{1} << 40);
  CHECK(log.size() == last);
  for (const auto& one : log) right = right && one.body.text() == words_of(one.first);
  CHECK(right);
  const auto outbox = *journal.outbox(mail, 1, std::size_t{1} << 30);
  CHECK(outbox.size() == std::min<std::uint64_t>(last, 10));
  if (last > 0) {
    CHECK(outbox.back().seq == last);
    CHECK((*journal.note("screen", "last"))->text() == std::to_string(last));
  }
  return last;
}

TEST_CASE("kill -9 loses nothing acknowledged and doubles nothing", "[journal][sqlite][kill]") {
  const auto* given = std::getenv("CAUSERIE_KILLS");
  const auto kills = given == nullptr ? 60 : std::strtoull(given, nullptr, 10);
  const auto seed = seed_or(1);
  INFO("CAUSERIE_SEED=" << seed);
  protocol::random_source chance{seed};
  scratch_folder folder;
  const auto file = folder / "journal.db";
  std::uint64_t acknowledged = 0, started_with = 0;
  boot_epoch epoch{};
  for (std::uint64_t i = 0; i < kills; ++i) {
    INFO("kill " << i);
    const auto last_ack = kill_a_writer(file, 10 * i + 1, chance);
    acknowledged = std::max(acknowledged, last_ack);
    auto journal = open_journal(sqlite_settings{file}, request(1));
    REQUIRE(journal.opened().epoch > epoch);
    epoch = journal.opened().epoch;
    const auto last = verify(journal);
    REQUIRE(last >= acknowledged);
    // Beyond what was acknowledged there is one transaction at most, of three steps at most.
    REQUIRE(last <= std::max(acknowledged, started_with) + 3);
    started_with = last;
  }
  WARN(kills << " kills, " << acknowledged << " steps acknowledged, none lost, none doubled");
  CHECK(acknowledged > kills);  // Otherwise it showed nothing.
}

}  // namespace
}  // namespace causerie::journal::test
