// SPDX-License-Identifier: BSL-1.0
#include "tests/apps/causerie/running_node.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using nlohmann::json;

namespace {

/// Three nodes in one group, and the third never gets what says "the question".
struct withheld_question {
  causerie_home home;
  running_node a{home, "a"};
  running_node b{home, "b", {"--join", a.address()}};
  running_node c{home, "c", {"--join", a.address(), "--withhold", "the question"}};
  std::string question, answer;

  withheld_question() {
    REQUIRE(soon([&] { return a.alive() == 3 && b.alive() == 3 && c.alive() == 3; }));
    running_sub ears_a{home, a, "lobby"}, ears_b{home, b, "lobby"}, ears_c{home, c, "lobby"};
    question = "lobby/a:" + number_of(a.ask({"pub", "lobby", "the question"}));
    REQUIRE(ears_b.texts_until("a: the question") == words{"a: the question"});
    answer = "lobby/b:" + number_of(b.ask({"pub", "lobby", "the answer"}));
    REQUIRE(ears_a.texts_until("b: the answer") == words{"a: the question", "b: the answer"});
  }

  static std::string number_of(const json& said) { return said["id"]["number"]; }
};

std::string name(const json& span) {
  return "lobby/" + span["from"]["name"].get<std::string>() + ":" +
         span["first"].get<std::string>();
}

}  // namespace

TEST_CASE("why names the message that is withheld, who has it and who was asked",
          "[apps][program][cluster][why]") {
  const withheld_question world;
  json told;
  REQUIRE(soon([&] {
    const auto result = world.c.run({"why", world.answer, "--json"});
    if (result.status != 0) return false;
    told = json::parse(result.out);
    return told["state"] == "waiting" && told["missing"].size() == 1 &&
           told["missing"][0]["attempts"] >= 2 && told["missing"][0]["holders"].size() == 2;
  }));
  CHECK(told["schema"] == "causerie.why/1");
  REQUIRE(told["waits_for"].size() == 1);
  CHECK(name(told["waits_for"][0]) == world.question);
  const auto& missing = told["missing"][0];
  CHECK(name(missing) == world.question);
  CHECK(missing["holders"][0]["name"] == "a");
  CHECK(missing["holders"][0]["origin"] == true);
  CHECK(missing["holders"][1]["name"] == "b");
  CHECK(missing["holders"][1].contains("row_ms_ago"));
  CHECK((missing["asked"]["name"] == "a" || missing["asked"]["name"] == "b"));

  const auto shown = world.c.run({"why", world.answer});
  CHECK(shown.status == 0);
  const auto question = world.question.substr(6);
  CHECK(shown.out.find("waits for     " + question) != shown.out.npos);
  CHECK(shown.out.find("missing       " + question) != shown.out.npos);
  CHECK(shown.err == world.answer + " waits for " + question + "\n");

  CHECK(world.c.ask({"why", question})["state"] == "missing");
  const auto here = world.b.ask({"why", world.answer});
  CHECK(here["state"] == "delivered");
  CHECK(here["causes"].size() == 1);
  CHECK(soon([&] {
    const auto answer = world.b.ask({"why", world.answer});
    return answer["lacking"].size() == 1 && answer["lacking"][0]["name"] == "c";
  }));

  const auto unheard = world.a.run({"why", "a:99999"});
  CHECK(unheard.status == 1);
  CHECK(unheard.err.starts_with("error: nobody has told a of message 99999 of 'a'"));
  CHECK(world.a.run({"why", "nobody:1"}).status == 69);
  CHECK(world.a.run({"why", "kitchen/a:1"}).status == 1);
  CHECK(world.a.run({"why", "what"}).status == 2);
}
