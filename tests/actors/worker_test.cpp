// SPDX-License-Identifier: BSL-1.0
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <causerie/caf.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include "actors/bridge/asio_coordinator.hpp"
#include "tests/catch.hpp"

using namespace causerie;

namespace {

/// Answers one order, in its own way, and goes; dies over every first attempt.
worker_actor::behavior_type worker(worker_actor::pointer self, const std::string& prefix) {
  return {[self, prefix](const work_order& order) {
    if (order.attempt == 1) throw std::runtime_error{"a worker that does not bear it"};
    self->quit();
    work_answer answer;
    if (order.what.text().starts_with("question"))
      answer.sends.push_back(shared_bytes::copy_of(prefix + std::string{order.what.text()}));
    answer.writes["last"] = order.what.payload;
    return answer;
  }};
}

asio::awaitable<void> ask_and_hear(node& at, std::vector<std::string>& heard) {
  auto lobby = co_await at.join("lobby");
  for (const auto* text : {"question 1", "question 2"}) (void)co_await lobby.send(text);
  while (const auto said = co_await lobby.receive()) heard.emplace_back(said->text());
}

}  // namespace

TEST_CASE("an actor may do an application's work, and die over it", "[actors][application]") {
  asio::io_context io{1};
  caf::actor_system_config config;
  actors::use_asio_scheduler(config, io, 1);
  caf::actor_system system{config};
  std::vector<std::string> heard;
  {
    node ann{io, {.name = "ann"}, system};
    const auto hire = [&] { return system.spawn(worker, "answer to "); };
    const auto app = serve(ann, "bot", "lobby", hire);
    REQUIRE(app);
    CHECK(serve(ann, "other", "lobby", hire).error() == protocol_errc::entered_before);
    node bob{io, {.name = "bob", .join = {ann.address().text()}}};
    asio::co_spawn(io, ask_and_hear(bob, heard), asio::detached);
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (app.counted().applied < 4 && std::chrono::steady_clock::now() < deadline)
      io.run_one_for(50ms);
    CHECK(app.counted().applied == 4);
    CHECK(app.counted().failed == 4);
    CHECK(app.dead_letters().empty());
    REQUIRE(app.state_of("last"));
    CHECK(app.state_of("last").value()->text() == "answer to question 2");
  }
  CHECK(std::count(heard.begin(), heard.end(), "answer to question 1") == 1);
  CHECK(std::count(heard.begin(), heard.end(), "answer to question 2") == 1);
}
