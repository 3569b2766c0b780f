// SPDX-License-Identifier: BSL-1.0
#include "journal/node_journal.hpp"

#include <algorithm>

#include "tests/journal/journal_world.hpp"

namespace causerie::journal::test {
namespace {

/// Runs the same test on SQLite and on the simulated disk.
template <class Test>
void on_both(Test test) {
  SECTION("on SQLite") {
    on_sqlite disk;
    test(static_cast<reopened_journal&>(disk));
  }
  SECTION("on the simulated disk") {
    on_simulated_disk disk;
    test(static_cast<reopened_journal&>(disk));
  }
}

TEST_CASE("every life has a later epoch, whatever the clock says", "[journal][node_journal]") {
  on_both([](reopened_journal& disk) {
    CHECK(disk.open(request(5000)).opened().epoch == boot_epoch{5000});
    CHECK(disk.open(request(100)).opened().epoch == boot_epoch{5001});
    auto journal = disk.open({me, at(100), boot_epoch{9000}, {}});
    CHECK(journal.opened().epoch == boot_epoch{9000});
    CHECK_FALSE(journal.opened().fresh);
    REQUIRE(journal.raise_epoch(boot_epoch{9500}, at(101)));
    CHECK(journal.opened().epoch == boot_epoch{9501});
    CHECK(*journal.raise_epoch(boot_epoch{9500}, at(102)) == boot_epoch{9501});
  });
}

TEST_CASE("a raised epoch is never used again", "[journal][node_journal]") {
  on_both([](reopened_journal& disk) {
    { REQUIRE(disk.open(request(1)).raise_epoch(boot_epoch{7000}, at(2))); }
    CHECK(disk.open(request(3)).opened().epoch == boot_epoch{7002});
  });
}

TEST_CASE("a durable group is there after a restart as it was left", "[journal][node_journal]") {
  on_both([](reopened_journal& disk) {
    const incarnation self{me, boot_epoch{1000}};
    {
      auto journal = disk.open();
      batch work;
      work.add(group_kept{lobby, "lobby", self})
          .add(member_saved{lobby, tag_a, {ann, boot_epoch{3}}, member_standing::present, 0})
          .add(member_saved{
              lobby, tag_b, {bob, boot_epoch{4}}, member_standing::retired, 17, tag_a, 21})
          .add(member_saved{lobby, member_tag{11}, {bob, boot_epoch{5}}, {}, 0, {}, owes_nothing})
          .add(bundle_held{lobby, tag_a, 1, 3, at(5), text("one to three")})
          .add(bundle_held{lobby, tag_b, 1, 1, at(6), text("")})
          .add(clock_saved{lobby, clock_kind::delivered, {{tag_a, 3}, {tag_b, 1}}})
          .add(clock_saved{lobby, clock_kind::floor, {}})
          .add(cut_recorded{lobby, 1, {{tag_a, 2}}})
          .add(event(lobby, 1, tag_a, 1))
          .add(event(lobby, 2, tag_a, 3))
          .add(event_delivered{lobby, 3, {}, text("somebody left")})
          .add(cursor_moved{lobby, "screen", 2});
      REQUIRE(journal.commit(work));
    }
    auto journal = disk.open();
    REQUIRE(*journal.groups() == std::vector{lobby});
    const auto image = *journal.group(lobby);
    REQUIRE(image);
    CHECK(image->name == "lobby");
    CHECK(image->self == self);
    CHECK(image->delivered == vector_clock{{tag_a, 3}, {tag_b, 1}});
    CHECK(image->cuts.at(1) == vector_clock{{tag_a, 2}});
    REQUIRE(image->members.size() == 3);
    CHECK(image->members[0].owed_from == 1);
    CHECK(image->members[1].owed_from == owes_nothing);
    CHECK(image->members[2].last == 17);
    CHECK(image->members[2].root == tag_a);
    CHECK(image->members[2].owed_from == 21);
    CHECK(image->cursors.at("screen") == 2);
    CHECK(image->last == 3);
    const auto bundles = *journal.bundles(lobby, tag_a, 2, 1000);
    REQUIRE(bundles.size() == 1);
    CHECK(bundles[0].first == 1);
    CHECK(bundles[0].body.text() == "one to three");
    CHECK(journal.bundles(lobby, tag_b, 1, 1000)->front().body.empty());
    const auto stream = *journal.events(lobby, 2, 10);
    REQUIRE(stream.size() == 1);
    CHECK(std::get<event_delivered>(stream[0]).event.text() == "somebody left");
    CHECK_FALSE(*journal.group(kitchen));
  });
}

TEST_CASE("a log is read page by page, every bundle once", "[journal][node_journal]") {
  on_both([](reopened_journal& disk) {
    auto journal = disk.open();
    batch work;
    for (sequence n = 1; n <= 50; ++n)
      for (const auto tag : {tag_b, tag_a})
        work.add(bundle(lobby, tag, n, n, std::string(n, 'x'))).add(bundle(kitchen, tag, n, n));
    REQUIRE(journal.commit(work));
    std::vector<std::pair<sequence, member_tag>> read;
    for (log_position after;;) {
      const auto page = *journal.log(lobby, after, 100);
      if (page.empty()) break;
      for (const auto& one : page) read.emplace_back(one.first, one.sender);
      after = {page.back().first, page.back().sender};
    }
    CHECK(read.size() == 100);
    CHECK(std::ranges::is_sorted(read));
    CHECK(std::ranges::adjacent_find(read) == read.end());
  });
}

TEST_CASE("the same batch twice is the same as once", "[journal][node_journal]") {
  on_both([](reopened_journal& disk) {
    auto journal = disk.open();
    const channel_key channel{ann, "mail"};
    batch work;
    work.add(group_kept{lobby, "lobby", {me, boot_epoch{1}}})
        .add(bundle(lobby, tag_a, 1, 2))
        .add(event(lobby, 1, tag_a, 1))
        .add(cursor_moved{lobby, "screen", 1})
        .add(channel_begun{channel, channel_side::sending, 77, 1})
        .add(outbox_added{channel, 77, 1, text("dear ann")})
        .add(note_written{"screen", "scroll", text("12")});
    REQUIRE(journal.commit(work));
    const auto usage = *journal.usage(lobby);
    REQUIRE(journal.commit(work));
    CHECK(*journal.usage(lobby) == usage);
    CHECK(usage == log_usage{2, 5});
    CHECK(journal.events(lobby, 0, 10)->size() == 1);
    CHECK(journal.outbox(channel, 1, 1000)->size() == 1);
  });
}

TEST_CASE("a batch that contradicts what is kept changes nothing", "[journal][node_journal]") {
  on_both([](reopened_journal& disk) {
    auto journal = disk.open();
    REQUIRE(journal.commit(batch{}.add(bundle(lobby, tag_a, 1, 2)).add(event(lobby, 1, tag_a, 1))));
    const auto refused = [&](const record& wrong) {
      batch work;
      work.add(note_written{"a", "b", text("must not stay")}).add(wrong);
      const auto done = journal.commit(work);
      return !done && done.error() == journal_errc::conflict;
    };
    CHECK(refused(bundle(lobby, tag_a, 1, 2, "other words")));
    CHECK(refused(bundle(lobby, tag_a, 0, 2)));
    CHECK(refused(event(lobby, 3, tag_a, 2)));
    CHECK(refused(event(lobby, 1, tag_a, 2)));
    CHECK(refused(outbox_added{{ann, "mail"}, 1, 1, {}}));
    CHECK(refused(channel_received{{ann, "mail"}, 1, 5}));
    CHECK_FALSE(*journal.note("a", "b"));
    CHECK_FALSE(is_final(make_error_code(journal_errc::conflict)));
  });
}

TEST_CASE("in a group commit a refused batch takes no other along", "[journal][node_journal]") {
  on_both([](reopened_journal& disk) {
    auto journal = disk.open();
    std::vector<batch> group(3);
    group[0].add(note_written{"a", "first", text("1")});
    group[1].add(event(lobby, 9, tag_a, 1));
    group[2].add(note_written{"a", "third", text("3")});
    const auto done = journal.commit(group);
    REQUIRE(done.size() == 3);
    CHECK(done[0]);
    CHECK(done[1].error() == journal_errc::conflict);
    CHECK(done[2]);
    CHECK(*journal.note("a", "first"));
    CHECK(*journal.note("a", "third"));
  });
}

TEST_CASE("cursors never go back and never lead", "[journal][node_journal]") {
  on_both([](reopened_journal& disk) {
    auto journal = disk.open();
    batch work;
    work.add(group_kept{lobby, "lobby", {}});
    for (cursor n = 1; n <= 4; ++n) work.add(event(lobby, n, tag_a, n));
    REQUIRE(journal.commit(work));
    const auto moved_to = [&](cursor to) {
      REQUIRE(journal.commit(batch{}.add(cursor_moved{lobby, "screen", to})));
      return (*journal.group(lobby))->cursors.at("screen");
    };
    CHECK(moved_to(3) == 3);
    CHECK(moved_to(2) == 3);
    CHECK(moved_to(99) == 4);
  });
}

TEST_CASE("a durable channel goes on where both ends were", "[journal][node_journal]") {
  on_both([](reopened_journal& disk) {
    const channel_key mail{ann, "mail"};
    {
      auto journal = disk.open();
      batch work;
      work.add(channel_begun{mail, channel_side::sending, 0xfedcba9876543210, 4})
          .add(channel_begun{mail, channel_side::receiving, 5, 6});
      for (sequence n = 1; n <= 5; ++n)
        work.add(outbox_added{mail, 0xfedcba9876543210, n, text(std::to_string(n))});
      work.add(outbox_settled{mail, 0xfedcba9876543210, 1, 2})
          .add(outbox_settled{mail, 1, 3, 5})  // Of an incarnation that nobody knows.
          .add(channel_received{mail, 5, 8})
          .add(channel_received{mail, 5, 7});
      REQUIRE(journal.commit(work));
    }
    auto journal = disk.open();
    const auto channels = *journal.channels();
    REQUIRE(channels.size() == 2);
    CHECK(channels[0].side == channel_side::sending);
    CHECK(channels[0].cid == 0xfedcba9876543210);
    CHECK(channels[0].next == 6);
    CHECK(channels[1].next == 8);
    CHECK(channels[1].channel == mail);
    auto outbox = *journal.outbox(mail, 1, 1000);
    REQUIRE(outbox.size() == 3);
    CHECK(outbox[0].seq == 3);
    CHECK(outbox[0].payload.text() == "3");
    CHECK(journal.outbox(mail, 4, 1)->size() == 1);
    // A new incarnation takes nothing over that it is not told.
    REQUIRE(journal.commit(batch{}
                               .add(channel_begun{mail, channel_side::sending, 9, 7})
                               .add(outbox_added{mail, 9, 1, text("again")})));
    outbox = *journal.outbox(mail, 1, 1000);
    REQUIRE(outbox.size() == 1);
    CHECK(outbox[0].cid == 9);
    REQUIRE(journal.commit(batch{}.add(channel_ended{mail, channel_side::sending})));
    CHECK(journal.channels()->size() == 1);
    CHECK(journal.outbox(mail, 1, 1000)->empty());
  });
}

TEST_CASE("a group that was left leaves nothing behind", "[journal][node_journal]") {
  on_both([](reopened_journal& disk) {
    auto journal = disk.open();
    for (const auto& group : {lobby, kitchen})
      REQUIRE(journal.commit(batch{}
                                 .add(group_kept{group, "g", {}})
                                 .add(bundle(group, tag_a, 1, 1))
                                 .add(event(group, 1, tag_a, 1))));
    REQUIRE(journal.commit(batch{}.add(cursor_moved{lobby, "x", 1}).add(group_dropped{lobby})));
    CHECK(*journal.groups() == std::vector{kitchen});
    CHECK(journal.events(lobby, 0, 9)->empty());
    CHECK(journal.bundles(lobby, tag_a, 1, 99)->empty());
    CHECK(journal.events(kitchen, 0, 9)->size() == 1);
    // Founded again, its stream begins again.
    CHECK(journal.commit(batch{}.add(event(lobby, 1, tag_a, 1))));
  });
}

TEST_CASE("the last epoch of a node that is gone is the latest one", "[journal][node_journal]") {
  on_both([](reopened_journal& disk) {
    auto journal = disk.open();
    for (const auto epoch : {5, 9, 7})
      REQUIRE(journal.commit(batch{}.add(node_retired{{ann, boot_epoch(epoch)}})));
    CHECK(*journal.retired() == std::vector{incarnation{ann, boot_epoch{9}}});
  });
}

TEST_CASE("names and values have bounds", "[journal][node_journal]") {
  on_both([](reopened_journal& disk) {
    auto journal = disk.open();
    const auto refused = [&](const record& wrong) {
      const auto done = journal.commit(batch{}.add(wrong));
      return !done && done.error() == journal_errc::too_large;
    };
    const std::string name(256, 'x');
    CHECK(refused(note_written{name, "k", text("")}));
    CHECK(refused(note_written{"", "k", text("")}));
    CHECK(refused(cursor_moved{lobby, name, 0}));
    CHECK(refused(channel_begun{{ann, name}, channel_side::sending, 1, 1}));
    CHECK(refused(bundle_held{lobby, tag_a, 1, 1, {}, shared_bytes{byte_buffer(70'000)}}));
  });
}

TEST_CASE("another node's journal is refused", "[journal][node_journal]") {
  on_both([](reopened_journal& disk) { (void)disk.open(); });
  simulated_disk disk;
  (void)open_journal(disk);
  const auto other = node_journal::open(std::move(*disk.open(false)), {ann, at(1), {}, {}});
  REQUIRE_FALSE(other);
  CHECK(other.error() == journal_errc::foreign_node);
}

}  // namespace
}  // namespace causerie::journal::test
