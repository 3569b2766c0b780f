// SPDX-License-Identifier: BSL-1.0
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <causerie/application.hpp>

#include "tests/actors/node_place.hpp"
#include "tests/catch.hpp"

using namespace causerie;

namespace {

asio::awaitable<void> enter(node& at, bool durable, std::optional<group>& entered) {
  entered.emplace(co_await at.join("lobby", {.durable = durable}));
}
asio::awaitable<void> ask(group& in, int first, int last) {
  for (int i = first; i <= last; ++i) (void)co_await in.send("question " + std::to_string(i));
}
asio::awaitable<void> hear(group& in, std::map<std::string, int>& heard) {
  for (;;) {
    const auto said = co_await in.receive();
    if (!said) co_return;
    ++heard[std::string{said->text()}];
  }
}

int number_under(const transaction& work, const std::string& key) {
  const auto kept = work.get(key);
  return kept ? std::stoi(std::string{kept->text()}) : 0;
}

/// Answers each question by two broadcasts, and counts them.
void answer(transaction& work) {
  const std::string text{work.message().text()};
  if (!text.starts_with("question ")) return;
  work.send("answer to " + text);
  work.put("count", std::to_string(number_under(work, "count") + 1));
  work.send("more on " + text);
}

}  // namespace

TEST_CASE("in a durable group an application's work counts once over the lives of its process",
          "[actors][application][durable]") {
  const test::node_place data;
  asio::io_context io;
  node ann{io, {.name = "ann"}};
  std::optional<group> anns;
  asio::co_spawn(io, enter(ann, false, anns), asio::detached);
  REQUIRE(test::run_until(io, [&] { return anns.has_value(); }));
  std::map<std::string, int> heard;
  asio::co_spawn(io, hear(*anns, heard), asio::detached);

  constexpr int lives = 5, each = 40;
  std::uint64_t applied = 0;
  for (int life = 0; life < lives; ++life) {
    node bob{io, {.name = "bob", .join = {ann.address().text()}, .data = data.of("bob")}};
    std::optional<group> bobs;
    asio::co_spawn(io, enter(bob, true, bobs), asio::detached);
    REQUIRE(test::run_until(io, [&] { return bobs.has_value(); }));
    const auto app = serve(bob, "bot", std::move(*bobs), answer);
    REQUIRE(app);
    asio::co_spawn(io, ask(*anns, life * each + 1, (life + 1) * each), asio::detached);
    const bool last = life + 1 == lives;
    // Then it dies in mid-work, without a word.
    const auto enough = [&] {
      if (!last) return app.counted().applied >= each / 2;
      return heard.size() == 3u * lives * each;
    };
    CHECK(test::run_until(io, enough));
    applied += app.counted().applied;
    if (!last) continue;
    const auto count = app.state_of("count");
    REQUIRE(count);
    REQUIRE(*count);
    CHECK((*count)->text() == std::to_string(lives * each));
    CHECK(app.dead_letters().empty());
  }
  CHECK(applied >= 3u * lives * each - lives);
  for (const auto& [text, times] : heard) {
    CAPTURE(text);
    CHECK(times == 1);
  }
}

TEST_CASE("a handler may be a coroutine, and a throwing one leaves nothing behind",
          "[actors][application]") {
  asio::io_context io;
  node ann{io, {.name = "ann"}};
  std::optional<group> anns;
  asio::co_spawn(io, enter(ann, false, anns), asio::detached);
  REQUIRE(test::run_until(io, [&] { return anns.has_value(); }));
  node bob{io, {.name = "bob", .join = {ann.address().text()}}};
  std::optional<group> bobs;
  asio::co_spawn(io, enter(bob, false, bobs), asio::detached);
  REQUIRE(test::run_until(io, [&] { return bobs.has_value(); }));
  std::map<std::string, int> heard;
  asio::co_spawn(io, hear(*anns, heard), asio::detached);
  std::vector<unsigned> attempts;
  const auto app =
      serve(bob, "bot", std::move(*bobs), [&](transaction& work) -> asio::awaitable<void> {
        answer(work);
        asio::steady_timer pause{io, 5ms};
        co_await pause.async_wait(asio::use_awaitable);
        if (work.message().text() != "question 2") co_return;
        attempts.push_back(work.attempt());
        throw std::runtime_error{"no idea"};
      });
  REQUIRE(app);
  asio::co_spawn(io, ask(*anns, 1, 3), asio::detached);
  CHECK(test::run_until(io, [&] { return heard.size() == 3 + 2 * 2; }));
  CHECK(attempts == std::vector<unsigned>{1, 2, 3});
  CHECK_FALSE(heard.contains("answer to question 2"));
  CHECK(heard.contains("more on question 3"));
  REQUIRE(app.dead_letters().size() == 1);
  CHECK(app.dead_letters().front().why == "no idea");
  CHECK(app.state_of("count").value()->text() == "2");
}
