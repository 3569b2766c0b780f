// SPDX-License-Identifier: BSL-1.0
#include <optional>
#include <string>
#include <vector>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <causerie/causerie.hpp>

#include "journal/journal_errors.hpp"

#include "tests/actors/node_place.hpp"
#include "tests/catch.hpp"

using namespace causerie;

namespace {

asio::awaitable<void> enter(node& at, bool durable, std::optional<group>& entered) {
  entered.emplace(co_await at.join("lobby", {.durable = durable}));
}
asio::awaitable<void> tell(group& in, std::string text, int& told) {
  const auto sent = co_await in.send(std::move(text));
  if (sent) ++told;
}
asio::awaitable<void> send_late(group& in, std::optional<result<message_id>>& answer) {
  answer = co_await in.send("nobody keeps this");
}
/// Asking for the next message commits the one before: the last one heard stays uncommitted.
asio::awaitable<void> hear(group& in, std::vector<std::string>& heard, std::size_t count = ~0u) {
  while (heard.size() != count) {
    const auto said = co_await in.receive();
    if (!said) co_return;
    heard.emplace_back(said->text());
  }
}

}  // namespace

TEST_CASE("a durable group goes on in the node's next life", "[actors][node][durable]") {
  const bool sync_every_commit = GENERATE(false, true);  // On the loop; on a thread of its own.
  const test::node_place data;
  asio::io_context io;
  node ann{io, {.name = "ann"}};
  std::optional<group> anns;
  asio::co_spawn(io, enter(ann, false, anns), asio::detached);
  REQUIRE(test::run_until(io, [&] { return anns.has_value(); }));

  const node_options bobs_options{.name = "bob",
                                  .join = {ann.address().text()},
                                  .data = data.of("bob"),
                                  .sync_every_commit = sync_every_commit};
  std::optional<node> bob{std::in_place, io, bobs_options};
  const auto first_life = bob->epoch();
  std::optional<group> bobs;
  asio::co_spawn(io, enter(*bob, true, bobs), asio::detached);
  REQUIRE(test::run_until(io, [&] { return bobs.has_value(); }));
  REQUIRE(*bobs);

  int told = 0;
  std::vector<std::string> heard;
  asio::co_spawn(io, hear(*bobs, heard, 2), asio::detached);
  asio::co_spawn(io, tell(*anns, "one", told), asio::detached);
  REQUIRE(test::run_until(io, [&] { return heard.size() == 1; }));
  asio::co_spawn(io, tell(*bobs, "two, and gone", told), asio::detached);
  REQUIRE(test::run_until(io, [&] { return told == 2 && heard.size() == 2; }));
  bobs.reset();
  bob.reset();  // Without goodbye.
  asio::co_spawn(io, tell(*anns, "three, while bob is away", told), asio::detached);
  REQUIRE(test::run_until(io, [&] { return told == 3; }));

  bob.emplace(io, bobs_options);
  CHECK(bob->epoch() > first_life);
  asio::co_spawn(io, enter(*bob, true, bobs), asio::detached);
  REQUIRE(test::run_until(io, [&] { return bobs.has_value(); }));
  std::vector<std::string> heard_later;
  asio::co_spawn(io, hear(*bobs, heard_later), asio::detached);
  asio::co_spawn(io, tell(*bobs, "four, back again", told), asio::detached);
  REQUIRE(test::run_until(io, [&] {
    return told == 4 && !heard_later.empty() && heard_later.back() == "four, back again";
  }));
  // What was committed is not read again; the last one before the end was not.
  CHECK(heard_later ==
        std::vector<std::string>{"two, and gone", "three, while bob is away", "four, back again"});
  std::vector<std::string> anns_view;
  asio::co_spawn(io, hear(*anns, anns_view), asio::detached);
  CHECK(test::run_until(io, [&] { return anns_view.size() == 4; }));
}

TEST_CASE("a durable group needs a data folder", "[actors][node][durable]") {
  asio::io_context io;
  node ann{io, {.name = "ann"}};
  std::optional<group> anns;
  asio::co_spawn(io, enter(ann, true, anns), asio::detached);
  REQUIRE(test::run_until(io, [&] { return anns.has_value(); }));
  CHECK_FALSE(*anns);
  CHECK(anns->error() == protocol_errc::refused);
}

namespace {

asio::awaitable<void> tell_or_why(group& in, std::string text, std::vector<std::error_code>& told) {
  const auto sent = co_await in.send(std::move(text));
  told.push_back(sent ? std::error_code{} : sent.error());
}
asio::awaitable<void> watch_journal(node& at, std::vector<std::string>& news) {
  for (std::uint64_t seen = 0;;) {
    const auto events = co_await at.events(seen);
    if (events.empty()) co_return;
    for (const auto& event : events) {
      seen = event.id;
      if (event.type == "journal") news.push_back(event.fields.front().second);
    }
  }
}
asio::awaitable<void> look(node& at, std::vector<member_view>& members) {
  members = co_await at.members();
}

/// Ann, who keeps nothing, and bob, whose group is durable.
struct ann_and_bob {
  const test::node_place data;
  asio::io_context io;
  node ann{io, {.name = "ann"}};
  std::optional<node> bob;
  std::optional<group> anns, bobs;
  std::vector<std::string> at_ann, at_bob, news;
  std::vector<std::error_code> told;

  ann_and_bob() {
    asio::co_spawn(io, enter(ann, false, anns), asio::detached);
    REQUIRE(test::run_until(io, [&] { return anns.has_value(); }));
    asio::co_spawn(io, hear(*anns, at_ann), asio::detached);
    begin_bob();
    asio::co_spawn(io, watch_journal(*bob, news), asio::detached);
  }
  void begin_bob() {
    bobs.reset();
    bob.reset();
    bob.emplace(io, node_options{.name = "bob",
                                 .join = {ann.address().text()},
                                 .data = data.of("bob"),
                                 .sync_every_commit = true});
    asio::co_spawn(io, enter(*bob, true, bobs), asio::detached);
    REQUIRE(test::run_until(io, [&] { return bobs.has_value(); }));
    asio::co_spawn(io, hear(*bobs, at_bob), asio::detached);
  }
  void say(group& in, std::string text) {
    const auto before = told.size();
    asio::co_spawn(io, tell_or_why(in, std::move(text), told), asio::detached);
    REQUIRE(test::run_until(io, [&] { return told.size() > before; }));
  }
};

}  // namespace

TEST_CASE("a full disk refuses sends with the reason, and what came meanwhile is there afterwards",
          "[actors][node][durable]") {
  ann_and_bob world;
  world.say(*world.bobs, "one");
  REQUIRE_FALSE(world.told.back());
  REQUIRE(test::run_until(world.io, [&] { return world.at_ann.size() == 1; }));
  REQUIRE(world.bob->set_disk_faults({.full = true}));
  world.say(*world.anns, "two");
  REQUIRE(test::run_until(world.io, [&] { return !world.news.empty(); }));
  CHECK(world.news.back() == "the disk is full");
  world.say(*world.bobs, "three, refused");
  CHECK(world.told.back() == journal::journal_errc::disk_full);
  CHECK(world.at_bob == std::vector<std::string>{"one"});  // What is not kept is not given out.
  world.say(*world.anns, "four");

  REQUIRE(world.bob->set_disk_faults({}));
  REQUIRE(test::run_until(world.io, [&] { return world.at_bob.size() == 3; }));
  CHECK(world.at_bob == std::vector<std::string>{"one", "two", "four"});
  CHECK(test::run_until(world.io, [&] { return world.news.back() == "writing again"; }));
  world.say(*world.bobs, "five");
  CHECK_FALSE(world.told.back());
  CHECK(test::run_until(world.io, [&] { return world.at_ann.size() == 4; }));
  CHECK(world.at_ann == std::vector<std::string>{"one", "two", "four", "five"});
}

TEST_CASE("a failed fsync ends the membership, and the next life has what was acknowledged",
          "[actors][node][durable]") {
  ann_and_bob world;
  world.say(*world.bobs, "one");
  REQUIRE(test::run_until(world.io, [&] { return world.at_ann.size() == 1; }));
  REQUIRE(world.bob->set_disk_faults({.fail_next_sync = true}));
  world.say(*world.bobs, "two, perhaps");
  REQUIRE(world.told.back());
  CHECK(journal::is_final(world.told.back()));
  world.say(*world.bobs, "three, never");
  CHECK(world.told.back());
  CHECK(test::run_until(world.io, [&] { return !world.news.empty(); }));
  std::vector<member_view> members;
  CHECK(test::run_until(world.io, [&] {
    asio::co_spawn(world.io, look(world.ann, members), asio::detached);
    return members.size() == 2 && (members[0].state == protocol::member_state::left ||
                                   members[1].state == protocol::member_state::left);
  }));
  CHECK(world.at_ann == std::vector<std::string>{"one"});

  world.begin_bob();
  world.say(*world.bobs, "four");
  CHECK_FALSE(world.told.back());
  REQUIRE(test::run_until(world.io, [&] { return world.at_bob.back() == "four"; }));
  CHECK(test::run_until(world.io, [&] { return world.at_ann.back() == "four"; }));
  // The second was not acknowledged: it may have been on the disk, and then it is in its place.
  const std::vector<std::string> with{"one", "two, perhaps", "four"}, without{"one", "four"};
  CHECK((world.at_ann == with || world.at_ann == without));
}

TEST_CASE("a node that is gone lets go of its journal, whoever still holds a group of it",
          "[actors][node][durable]") {
  const bool sync_every_commit = GENERATE(false, true);
  const test::node_place data;
  asio::io_context io;
  const node_options options{
      .name = "ann", .data = data.of("ann"), .sync_every_commit = sync_every_commit};
  std::optional<node> ann{std::in_place, io, options};
  std::optional<group> old;
  asio::co_spawn(io, enter(*ann, true, old), asio::detached);
  REQUIRE(test::run_until(io, [&] { return old.has_value(); }));
  int told = 0;
  asio::co_spawn(io, tell(*old, "one", told), asio::detached);
  REQUIRE(test::run_until(io, [&] { return told == 1; }));
  ann.reset();
  ann.emplace(io, options);  // Before the loop has ended what waits at the old one.
  CHECK(ann->kept_groups() == std::vector<std::string>{"lobby"});
  std::optional<result<message_id>> answer;
  asio::co_spawn(io, send_late(*old, answer), asio::detached);
  REQUIRE(test::run_until(io, [&] { return answer.has_value(); }));
  CHECK(answer->error() == protocol_errc::not_a_member);
}

TEST_CASE("a send that the journal has not kept when its node goes gets an answer",
          "[actors][node][durable]") {
  const test::node_place data;
  asio::io_context io;
  std::optional<node> ann{std::in_place, io,
                          node_options{.name = "ann",
                                       .data = data.of("ann"),
                                       .sync_every_commit = true}};  // On a thread of its own.
  std::optional<group> lobby;
  asio::co_spawn(io, enter(*ann, true, lobby), asio::detached);
  REQUIRE(test::run_until(io, [&] { return lobby.has_value(); }));
  REQUIRE(ann->set_disk_faults({.slow = 1s}));
  std::optional<result<message_id>> answer;
  asio::co_spawn(io, send_late(*lobby, answer), asio::detached);
  io.run_for(300ms);
  REQUIRE_FALSE(answer);
  ann.reset();
  REQUIRE(test::run_until(io, [&] { return answer.has_value(); }));
  CHECK(answer->error() == protocol_errc::outcome_unknown);
}
