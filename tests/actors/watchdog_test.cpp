// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <causerie/causerie.hpp>

#include "actors/node_state.hpp"
#include "tests/catch.hpp"

using namespace causerie;

namespace {

/// What the watchdog says, as it says it: from its own thread.
struct notebook {
  void note(const std::string& path) {
    {
      std::lock_guard lock{mutex};
      stuck.push_back(path);
    }
    noted.notify_all();
  }
  /// Blocks until something is noted; false when nothing is within `span`.
  bool wait(duration span) {
    std::unique_lock lock{mutex};
    return noted.wait_for(lock, span, [this] { return !stuck.empty(); });
  }
  [[nodiscard]] std::vector<std::string> all() {
    std::lock_guard lock{mutex};
    return stuck;
  }
  std::mutex mutex;
  std::condition_variable noted;
  std::vector<std::string> stuck;
};

node_options watched_by(notebook& book) {
  node_options options{.name = "ann"};
  options.stuck_after = 1s;
  options.on_stuck = [&book](const std::string& path, duration) { book.note(path); };
  return options;
}

asio::awaitable<void> read_events(node& of, std::vector<node_event>& into) {
  for (std::uint64_t seen = 0;;) {
    const auto some = co_await of.events(seen);
    if (some.empty()) co_return;
    for (const auto& event : some) {
      seen = event.id;
      into.push_back(event);
    }
  }
}
asio::awaitable<void> read_actors(node& of, std::vector<actor_view>& into) {
  into = co_await of.actors();
}
asio::awaitable<void> read_counters(node& of, std::map<std::string, std::uint64_t>& into) {
  into = co_await of.counters();
}

bool tells(const std::vector<node_event>& events, const std::string& path,
           const std::string& what) {
  return std::any_of(events.begin(), events.end(), [&](const node_event& event) {
    const auto has = [&](const char* key, const std::string& value) {
      return std::find(event.fields.begin(), event.fields.end(),
                       std::pair<std::string, std::string>{key, value}) != event.fields.end();
    };
    return event.type == "actor" && has("path", path) && has("what", what);
  });
}

}  // namespace

TEST_CASE("an actor that holds the only thread of the loop is named while it does",
          "[actors][watchdog]") {
  notebook book;
  asio::io_context io{1};
  node ann{io, watched_by(book)};
  io.run_for(100ms);
  // The orderer's own thread is the loop: whoever is called back there can stop everybody.
  std::optional<group> lobby;
  const auto enter = [&]() -> asio::awaitable<void> { lobby.emplace(co_await ann.join("lobby")); };
  asio::co_spawn(io, enter(), asio::detached);
  for (int i = 0; i < 100 && !lobby; ++i) io.run_one_for(100ms);
  REQUIRE(lobby);
  std::vector<std::string> named_meanwhile;
  const auto stand_still = [&](auto) {
    book.wait(30s);
    named_meanwhile = book.all();
  };
  ann.internals().core.context()->machines.find("lobby")->port.send(
      {shared_bytes::copy_of("x"), 1s, stand_still, std::nullopt});
  for (int i = 0; i < 600 && named_meanwhile.empty(); ++i) io.run_one_for(100ms);
  io.run_for(1s);
  CHECK(named_meanwhile == std::vector<std::string>{"groups/lobby"});
  CHECK(book.all() == named_meanwhile);  // Once, and nobody else.

  std::vector<node_event> events;
  std::vector<actor_view> actors;
  std::map<std::string, std::uint64_t> counters;
  asio::co_spawn(io, read_events(ann, events), asio::detached);
  asio::co_spawn(io, read_actors(ann, actors), asio::detached);
  asio::co_spawn(io, read_counters(ann, counters), asio::detached);
  io.run_for(300ms);
  CHECK(tells(events, "groups/lobby", "stuck"));
  CHECK(tells(events, "groups/lobby", "went on"));
  CHECK_FALSE(tells(events, "courier", "stuck"));
  CHECK(counters["node.stuck"] == 1);
  for (const auto& actor : actors) {
    CHECK(actor.stuck_for == duration{0});
    CHECK(actor.stuck_times == (actor.path == "groups/lobby" ? 1u : 0u));
  }
}

TEST_CASE("when no actor is to blame for a loop that stands still, the loop is named",
          "[actors][watchdog]") {
  notebook book;
  asio::io_context io{1};
  node ann{io, watched_by(book)};
  io.run_for(300ms);
  asio::post(io, [&] { book.wait(30s); });
  io.run_for(1s);
  CHECK(book.all() == std::vector<std::string>{"loop"});
}

TEST_CASE("a loop that nobody runs yet, and one that is only busy, are not stuck",
          "[actors][watchdog]") {
  notebook book;
  asio::io_context io{1};
  node ann{io, watched_by(book)};
  CHECK_FALSE(book.wait(1500ms));
  for (int i = 0; i < 15; ++i) {
    asio::post(io, [] {
      const auto end = std::chrono::steady_clock::now() + 100ms;
      while (std::chrono::steady_clock::now() < end) continue;
    });
    io.run_for(120ms);
  }
  CHECK(book.all().empty());
}
