// SPDX-License-Identifier: BSL-1.0
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <causerie/causerie.hpp>

#include "tests/catch.hpp"

using namespace causerie;

namespace {

namespace fs = std::filesystem;

struct folder {
  folder() : path{fs::temp_directory_path() / ("causerie-node-test-" + std::to_string(getpid()))} {
    fs::create_directories(path);
  }
  ~folder() { fs::remove_all(path); }
  fs::path path;
};

/// Runs until `done` or for 20 s.
template <class Done>
bool run_until(asio::io_context& io, Done done) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!done() && std::chrono::steady_clock::now() < deadline) io.run_one_for(50ms);
  return done();
}

asio::awaitable<void> enter(node& at, bool durable, std::optional<group>& entered) {
  entered.emplace(co_await at.join("lobby", {.durable = durable}));
}
asio::awaitable<void> tell(group& in, std::string text, int& told) {
  const auto sent = co_await in.send(std::move(text));
  if (sent) ++told;
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
  const folder data;
  asio::io_context io;
  node ann{io, {.name = "ann"}};
  std::optional<group> anns;
  asio::co_spawn(io, enter(ann, false, anns), asio::detached);
  REQUIRE(run_until(io, [&] { return anns.has_value(); }));

  const node_options bobs_options{.name = "bob",
                                  .join = {ann.address().text()},
                                  .data = data.path,
                                  .sync_every_commit = sync_every_commit};
  std::optional<node> bob{std::in_place, io, bobs_options};
  const auto first_life = bob->epoch();
  std::optional<group> bobs;
  asio::co_spawn(io, enter(*bob, true, bobs), asio::detached);
  REQUIRE(run_until(io, [&] { return bobs.has_value(); }));
  REQUIRE(*bobs);

  int told = 0;
  std::vector<std::string> heard;
  asio::co_spawn(io, hear(*bobs, heard, 2), asio::detached);
  asio::co_spawn(io, tell(*anns, "one", told), asio::detached);
  REQUIRE(run_until(io, [&] { return heard.size() == 1; }));
  asio::co_spawn(io, tell(*bobs, "two, and gone", told), asio::detached);
  REQUIRE(run_until(io, [&] { return told == 2 && heard.size() == 2; }));
  bobs.reset();
  bob.reset();  // Without goodbye.
  asio::co_spawn(io, tell(*anns, "three, while bob is away", told), asio::detached);
  REQUIRE(run_until(io, [&] { return told == 3; }));

  bob.emplace(io, bobs_options);
  CHECK(bob->epoch() > first_life);
  asio::co_spawn(io, enter(*bob, true, bobs), asio::detached);
  REQUIRE(run_until(io, [&] { return bobs.has_value(); }));
  std::vector<std::string> heard_later;
  asio::co_spawn(io, hear(*bobs, heard_later), asio::detached);
  asio::co_spawn(io, tell(*bobs, "four, back again", told), asio::detached);
  REQUIRE(run_until(io, [&] {
    return told == 4 && !heard_later.empty() && heard_later.back() == "four, back again";
  }));
  // What was committed is not read again; the last one before the end was not.
  CHECK(heard_later ==
        std::vector<std::string>{"two, and gone", "three, while bob is away", "four, back again"});
  std::vector<std::string> anns_view;
  asio::co_spawn(io, hear(*anns, anns_view), asio::detached);
  CHECK(run_until(io, [&] { return anns_view.size() == 4; }));
}

TEST_CASE("a durable group needs a data folder", "[actors][node][durable]") {
  asio::io_context io;
  node ann{io, {.name = "ann"}};
  std::optional<group> anns;
  asio::co_spawn(io, enter(ann, true, anns), asio::detached);
  REQUIRE(run_until(io, [&] { return anns.has_value(); }));
  CHECK_FALSE(*anns);
  CHECK(anns->error() == protocol_errc::refused);
}
