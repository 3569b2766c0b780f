// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <set>

#include "tests/actors/cluster.hpp"
#include "tests/catch.hpp"

using namespace causerie;
using namespace std::chrono_literals;

namespace {

using actors::application_desk;
using protocol::shared_bytes;

std::shared_ptr<application_desk> serve(test::cluster& nodes, std::size_t at,
                                        application_desk::work work) {
  nodes.at(at).reading = false;
  auto desk = nodes.at(at).node->open_application("bot", nodes.at(at).room, std::move(work), {});
  REQUIRE(desk);
  return *desk;
}

std::uint64_t number_in(const std::optional<shared_bytes>& text) {
  return text ? std::stoull(std::string{text->text()}) : 0;
}

/// Answers each question by two broadcasts, and counts them in its state.
actors::work_effects answer_to(const application_desk::assignment& task) {
  const std::string text{task.message.payload.text()};
  actors::work_effects effects;
  if (!text.starts_with("question ")) return effects;
  effects.sends.push_back(shared_bytes::copy_of("answer to " + text));
  effects.sends.push_back(shared_bytes::copy_of("more on " + text));
  const auto count = number_in(task.desk->state("count").value());
  effects.writes["count"] = shared_bytes::copy_of(std::to_string(count + 1));
  return effects;
}

std::map<std::string, int> count(const std::vector<std::string>& texts) {
  std::map<std::string, int> times;
  for (const auto& text : texts) ++times[text];
  return times;
}

std::size_t news_of(const test::cluster::machine_host& node, std::string_view what) {
  return static_cast<std::size_t>(
      std::count_if(node.news.begin(), node.news.end(), [&](const auto& news) {
        return std::any_of(news.fields.begin(), news.fields.end(), [&](const auto& field) {
          return field.first == "what" && field.second == what;
        });
      }));
}

}  // namespace

TEST_CASE("an application's work counts once, however often its actor is killed",
          "[actors][application]") {
  test::cluster nodes{{.nodes = 3, .loss = 0.05, .seed = GENERATE(1u, 2u, 3u)}};
  REQUIRE(nodes.gather());
  std::uint64_t begun = 0;
  std::deque<std::function<void()>> under_way;
  const auto desk = serve(nodes, 1, [&](const auto& task, auto done) {
    ++begun;
    under_way.push_back([task, done] { done(answer_to(task)); });
  });
  const auto finish = [&] {
    for (; !under_way.empty(); under_way.pop_front()) under_way.front()();
  };
  constexpr int each = 60;
  const std::string victims[] = {"apps/bot", "apps/bot", "apps/bot", "groups/lobby", "guardian"};
  for (int i = 1; i <= each; ++i) {
    nodes.say(0, "question " + std::to_string(i));
    // A few turns, so that the kill comes at any moment of the work.
    nodes.run_for(nodes.chance().between(protocol::duration{0}, 4ms));
    CHECK(nodes.at(1).node->kill(victims[nodes.chance().below(std::size(victims))]));
    if (nodes.chance().chance(0.5)) nodes.run_for(1ms);
    finish();  // Also what the killed one had begun.
  }
  REQUIRE(nodes.run_until(
      [&] {
        finish();
        return nodes.heard(2).size() >= 3 * each;
      },
      60s));
  for (int i = 0; i < 200; ++i) {
    nodes.run_for(10ms);
    finish();
  }
  const auto times = count(nodes.heard(2));
  for (int i = 1; i <= each; ++i) {
    const auto question = "question " + std::to_string(i);
    CAPTURE(question);
    CHECK(times.at("answer to " + question) == 1);
    CHECK(times.at("more on " + question) == 1);
  }
  CHECK(nodes.heard(2).size() == 3 * each);
  CHECK(number_in(desk->state("count").value()) == each);
  const auto counts = desk->counted();
  CHECK(counts.applied == 3 * each);  // Its own answers are messages as well.
  CHECK(counts.abandoned != 0);
  CHECK(begun == counts.applied + counts.abandoned);
  CHECK(counts.failed == 0);
  CHECK(nodes.at(1).failures.empty());
}

TEST_CASE("a message that fails three times is a dead letter, and the next one is handled",
          "[actors][application]") {
  test::cluster nodes{{.nodes = 2}};
  REQUIRE(nodes.gather());
  std::vector<std::string> begun;
  const auto desk = serve(nodes, 1, [&](const auto& task, auto done) {
    const std::string text{task.message.payload.text()};
    if (text.starts_with("question")) begun.push_back(text + " #" + std::to_string(task.attempt));
    auto effects = answer_to(task);
    effects.writes["last"] = task.message.payload;
    if (text == "question 2") return done(tl::unexpected<std::string>{"no idea"});
    if (text == "question 3" && task.attempt == 1)
      return done(tl::unexpected<std::string>{"not today"});
    done(std::move(effects));
  });
  for (int i = 1; i <= 4; ++i) nodes.say(0, "question " + std::to_string(i));
  REQUIRE(nodes.run_until([&] { return nodes.heard(0).size() == 4 + 3 * 2; }));
  nodes.run_for(2s);
  CHECK(begun == std::vector<std::string>{"question 1 #1", "question 2 #1", "question 2 #2",
                                          "question 2 #3", "question 3 #1", "question 3 #2",
                                          "question 4 #1"});
  const auto times = count(nodes.heard(0));
  CHECK_FALSE(times.contains("answer to question 2"));
  CHECK(times.at("answer to question 3") == 1);
  CHECK(number_in(desk->state("count").value()) == 3);
  REQUIRE(desk->dead_letters().size() == 1);
  CHECK(desk->dead_letters().front().why == "no idea");
  CHECK(desk->dead_letters().front().id.sender == nodes.at(0).node->self());
  CHECK(news_of(nodes.at(1), "dead letter") == 1);
  CHECK(desk->counted().failed == 4);
}

TEST_CASE("a kill is no failure: the message is tried until its work counts",
          "[actors][application]") {
  test::cluster nodes{{.nodes = 2}};
  REQUIRE(nodes.gather());
  std::vector<application_desk::work_done> open;
  std::vector<unsigned> attempts;
  const auto desk = serve(nodes, 1, [&](const auto& task, auto done) {
    attempts.push_back(task.attempt);
    open.push_back([task, done](auto) { done(answer_to(task)); });
  });
  nodes.say(0, "question 1");
  for (std::size_t i = 1; i <= 6; ++i) {
    REQUIRE(nodes.run_until([&] { return open.size() == i; }));
    CHECK(nodes.at(1).node->kill("apps/bot"));
    nodes.run_for(10ms);
    open[i - 1]({});  // It goes on after its actor's death, and for nothing.
  }
  REQUIRE(nodes.run_until([&] { return open.size() == 7; }));
  CHECK(nodes.heard(0).size() == 1);
  open.back()({});
  CHECK(nodes.run_until([&] { return nodes.heard(0).size() == 3; }));
  nodes.run_for(1s);
  CHECK(nodes.heard(0).size() == 3);
  CHECK(std::all_of(attempts.begin(), attempts.end(), [](unsigned n) { return n == 1; }));
  CHECK(desk->dead_letters().empty());
}

TEST_CASE("work that says too much is refused as a whole", "[actors][application]") {
  test::cluster nodes{{.nodes = 2}};
  REQUIRE(nodes.gather());
  const auto desk = serve(nodes, 1, [&](const auto& task, auto done) {
    auto effects = answer_to(task);
    if (task.message.payload.text() == "question 1")
      effects.sends.resize(application_desk::sends_max + 1, shared_bytes::copy_of("again"));
    if (task.message.payload.text() == "question 2")
      effects.sends.push_back(shared_bytes::copy_of(std::string(100'000, 'x')));
    done(std::move(effects));
  });
  for (int i = 1; i <= 3; ++i) nodes.say(0, "question " + std::to_string(i));
  REQUIRE(nodes.run_until([&] { return nodes.heard(0).size() == 5; }));
  CHECK(number_in(desk->state("count").value()) == 1);
  REQUIRE(desk->dead_letters().size() == 2);
  CHECK(desk->dead_letters()[0].why == "more than 64 sends for one message");
  CHECK(desk->dead_letters()[1].why ==
        make_error_code(protocol::protocol_errc::too_large).message());
}

TEST_CASE("an application that rests holds its stream back, within bounds, and misses nothing",
          "[actors][application]") {
  test::cluster nodes{{.nodes = 2}};
  REQUIRE(nodes.gather());
  std::vector<application_desk::work_done> open;
  std::size_t heard = 0;
  bool resting = true;
  serve(nodes, 1, [&](const auto&, auto done) {
    ++heard;
    resting ? open.push_back(done) : done(actors::work_effects{});
  });
  constexpr std::size_t count = 1200, bytes = 20'000;  // 24 MB: three times what may wait.
  for (std::size_t i = 0; i < count; ++i) {
    nodes.say(0, std::string(bytes, 'x'));
    if (i % 50 == 0) nodes.run_for(20ms);
  }
  CHECK(nodes.run_until(
      [&] { return nodes.at(1).room->machine.unleased().read(0, 10'000).size() >= 400; }, 60s));
  nodes.run_for(5s);
  CHECK(heard == 1);
  const auto waiting = nodes.at(1).room->machine.unleased().read(0, 10'000);
  CHECK(waiting.size() * bytes >= protocol::group_config{}.stream_bytes_max - bytes);
  CHECK(waiting.size() * bytes <= protocol::group_config{}.stream_bytes_max + 10 * bytes);
  resting = false;
  open.front()(actors::work_effects{});
  CHECK(nodes.run_until([&] { return heard == count; }, 60s));
}

TEST_CASE("an application goes on when its node begins another life", "[actors][application]") {
  test::cluster nodes{{.nodes = 2, .seed = 9}};
  REQUIRE(nodes.gather());
  const auto desk = serve(nodes, 1, [&](const auto& task, auto done) { done(answer_to(task)); });
  nodes.say(0, "question 1");
  REQUIRE(nodes.run_until([&] { return nodes.heard(0).size() == 3; }));
  CHECK(nodes.at(1).node->sabotage("courier"));
  REQUIRE(nodes.run_until([&] { return nodes.at(1).node->rebuilds() == 1; }));
  REQUIRE(nodes.run_until([&] { return nodes.at(1).room->machine.unleased().active(); }));
  nodes.run_for(2s);
  nodes.say(0, "question 2");
  REQUIRE(nodes.run_until([&] { return nodes.heard(0).size() == 6; }));
  CHECK(number_in(desk->state("count").value()) == 2);
}
