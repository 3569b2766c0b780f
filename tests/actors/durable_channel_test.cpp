// SPDX-License-Identifier: BSL-1.0
#include <optional>
#include <string>
#include <vector>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <causerie/causerie.hpp>

#include "tests/actors/node_place.hpp"
#include "tests/catch.hpp"

using namespace causerie;

namespace {

using posted = std::vector<result<void>>;

asio::awaitable<void> post(node& from, node_id to, std::string text, posted& answers) {
  answers.push_back(co_await from.post(to, shared_bytes::copy_of(std::string_view{text})));
}
/// Asking for the next message commits the one before: the last one heard stays uncommitted.
asio::awaitable<void> hear(node& at, std::vector<private_message>& heard, std::size_t count) {
  while (heard.size() < count) {
    auto said = co_await at.receive();
    if (!said) co_return;
    heard.push_back(std::move(*said));
  }
}

}  // namespace

TEST_CASE("a posted message arrives although both ends are restarted", "[actors][node][durable]") {
  const bool sync_every_commit = GENERATE(false, true);  // On the loop; on a thread of its own.
  const test::node_place data;
  asio::io_context io;
  node_options anns{.name = "ann", .data = data.of("ann"), .sync_every_commit = sync_every_commit};
  std::optional<node> ann{std::in_place, io, anns};
  anns.listen = ann->address().text();
  const node_options bobs{.name = "bob",
                          .join = {ann->address().text()},
                          .data = data.of("bob"),
                          .sync_every_commit = sync_every_commit};
  std::optional<node> bob{std::in_place, io, bobs};
  const auto to = bob->id();

  posted answers;
  std::vector<private_message> heard;
  asio::co_spawn(io, hear(*bob, heard, 2), asio::detached);
  for (const auto* text : {"one", "two"}) {
    const auto before = answers.size();
    asio::co_spawn(io, post(*ann, to, text, answers), asio::detached);
    REQUIRE(test::run_until(
        io, [&, before] { return answers.size() > before && heard.size() > before; }));
    CHECK(answers.back());
  }
  REQUIRE(heard.size() == 2);
  bob.reset();  // "two" was only read.
  asio::co_spawn(io, post(*ann, to, "three", answers), asio::detached);
  REQUIRE(test::run_until(io, [&] { return answers.size() == 3; }));
  CHECK(answers.back());
  ann.reset();

  ann.emplace(io, anns);
  bob.emplace(io, bobs);
  std::vector<private_message> later;
  asio::co_spawn(io, hear(*bob, later, 100), asio::detached);
  REQUIRE(test::run_until(io, [&] { return !later.empty() && later.back().text() == "three"; }));
  // The commit of "one" was on its way when the process ended: it may have come too late.
  if (later.size() == 3) later.erase(later.begin());
  REQUIRE(later.size() == 2);
  CHECK(later[0].text() == "two");
  CHECK(later[0].position == heard[1].position);
  CHECK(later[1].position == heard[1].position + 1);
}

TEST_CASE("what is given up is not brought over any more", "[actors][node][durable]") {
  const test::node_place data;
  asio::io_context io;
  node ann{io, {.name = "ann", .data = data.of("ann")}};
  const node_options bobs{.name = "bob", .join = {ann.address().text()}, .data = data.of("bob")};
  std::optional<node> bob{std::in_place, io, bobs};
  const auto to = bob->id();
  bob.reset();
  posted answers;
  for (const auto* text : {"one", "two"}) {
    asio::co_spawn(io, post(ann, to, text, answers), asio::detached);
    const auto before = answers.size();
    REQUIRE(test::run_until(io, [&] { return answers.size() > before; }));
    REQUIRE(answers.back());
    if (before == 0) ann.give_up(to);
  }
  bob.emplace(io, bobs);
  std::vector<private_message> heard;
  asio::co_spawn(io, hear(*bob, heard, 1), asio::detached);
  REQUIRE(test::run_until(io, [&] { return !heard.empty(); }));
  CHECK(heard.front().text() == "two");
}

TEST_CASE("a disk that fails for good answers whoever posts", "[actors][node][durable]") {
  const test::node_place data;
  asio::io_context io;
  node ann{io, {.name = "ann", .data = data.of("ann")}};
  node bob{io, {.name = "bob", .join = {ann.address().text()}}};
  REQUIRE(ann.set_disk_faults({.fail_next_sync = true}));
  posted answers;
  asio::co_spawn(io, post(ann, bob.id(), "one", answers), asio::detached);
  REQUIRE(test::run_until(io, [&] { return answers.size() == 1; }));
  REQUIRE_FALSE(answers.back());
  CHECK(answers.back().error() == protocol_errc::closed);  // It may be kept or not.
  asio::co_spawn(io, post(ann, bob.id(), "two", answers), asio::detached);
  REQUIRE(test::run_until(io, [&] { return answers.size() == 2; }));
  REQUIRE_FALSE(answers.back());
  CHECK(answers.back().error().message().find("fsync") != std::string::npos);
}

TEST_CASE("posting needs a data folder", "[actors][node][durable]") {
  asio::io_context io;
  node ann{io, {.name = "ann"}};
  node bob{io, {.name = "bob", .join = {ann.address().text()}}};
  posted answers;
  asio::co_spawn(io, post(ann, bob.id(), "one", answers), asio::detached);
  REQUIRE(test::run_until(io, [&] { return !answers.empty(); }));
  REQUIRE_FALSE(answers.front());
  CHECK(answers.front().error() == protocol_errc::refused);
}
