// SPDX-License-Identifier: BSL-1.0
#include <nlohmann/json.hpp>
#include <optional>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/control/message_name.hpp"
#include "apps/causerie/control/requests.hpp"
#include "tests/apps/causerie/fake_node.hpp"
#include "tests/catch.hpp"

using namespace causerie;
using namespace causerie::apps;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

using fate = message_explanation::fate;

struct asked_node {
  asio::io_context io;
  fake_node node{io.get_executor()};

  json why(const json& request) {
    json asked = request;
    asked["do"] = "why";
    std::optional<control_reply> done;
    std::exception_ptr failed;
    asio::co_spawn(io, perform(node, asked), [&](std::exception_ptr thrown, control_reply reply) {
      failed = thrown;
      done = std::move(reply);
    });
    io.restart();
    io.run();
    if (failed) std::rethrow_exception(failed);
    return done->answer;
  }
  app_error refusal(const json& request) {
    try {
      const auto answer = why(request);
      FAIL("answered: " << answer);
    } catch (const app_error& error) {
      return error;
    }
    throw std::logic_error{"not reached"};
  }
};

std::string problem(const char* text) {
  try {
    (void)message_name::parse(text);
  } catch (const app_error& error) {
    CHECK(error.exit == exit_code::usage);
    return error.message;
  }
  return {};
}

}  // namespace

TEST_CASE("a message is named by group, sender, life and number", "[apps][why]") {
  const auto plain = message_name::parse("wren:17");
  CHECK(plain.group.empty());
  CHECK(plain.sender == "wren");
  CHECK(plain.number == 17);
  CHECK(plain.life == 0);
  const auto whole = message_name::parse("a/b:c/wren@99:18446744073709551615");
  CHECK(whole.group == "a/b:c");
  CHECK(whole.sender == "wren");
  CHECK(whole.life == 99);
  CHECK(whole.number == UINT64_MAX);
  CHECK(problem("wren") == "'wren' names no message: it has no ':NUMBER'");
  CHECK(problem("wren:") == "'wren:' names no message: numbers are 1 and more");
  CHECK_FALSE(problem("wren:0").empty());
  CHECK_FALSE(problem("wren:-1").empty());
  CHECK_FALSE(problem("wren:18446744073709551616").empty());
  CHECK_FALSE(problem(":3").empty());
  CHECK_FALSE(problem("/wren:3").empty());
  CHECK_FALSE(problem("wren@x:3").empty());
}

TEST_CASE("what a message waits for is told with names and times", "[apps][why]") {
  asked_node ask;
  auto& told = ask.node.explanation;
  told.what = fate::waiting;
  told.arrived = protocol::instant{-2s};
  message_explanation::span lacked{ask.node.bob.who, 3, 4};
  told.waits_for = {lacked, {std::nullopt, 7, 7}};
  told.missing = {{.what = lacked,
                   .holders = {{ask.node.cid.who, protocol::member_standing::down, false, true,
                                protocol::instant{-100ms}}},
                   .noticed = protocol::instant{-1s},
                   .asked = ask.node.cid.who,
                   .asked_at = protocol::instant{-40ms},
                   .attempts = 3,
                   .ask_at = protocol::instant{60ms}}};
  const auto answer = ask.why({{"sender", "ann"}, {"number", 9u}});
  CHECK(answer["schema"] == "causerie.why/1");
  CHECK(answer["group"] == "lobby");
  CHECK(answer["from"]["name"] == "ann");
  CHECK(answer["number"] == "9");
  CHECK(answer["state"] == "waiting");
  CHECK(answer["arrived_ms_ago"] == 2000);
  CHECK(answer["waits_for"][0]["from"]["name"] == "bob");
  CHECK(answer["waits_for"][0]["last"] == "4");
  CHECK_FALSE(answer["waits_for"][1].contains("from"));
  const auto& missing = answer["missing"][0];
  CHECK(missing["first"] == "3");
  CHECK(missing["noticed_ms_ago"] == 1000);
  CHECK(missing["asked"]["id"] == ask.node.cid.who.node.text());
  CHECK(missing["asked_ms_ago"] == 40);
  CHECK(missing["asks_again_in_ms"] == 60);
  CHECK(missing["attempts"] == 3);
  CHECK(missing["holders"][0]["standing"] == "down");
  CHECK(missing["holders"][0]["may_have_forgotten"] == true);
  CHECK(missing["holders"][0]["row_ms_ago"] == 100);
}

TEST_CASE("a delivered and a lost message say when and why", "[apps][why]") {
  asked_node ask;
  auto& told = ask.node.explanation;
  told.what = fate::delivered;
  told.delivered_at = protocol::instant{-5s};
  told.held = 1500us;
  told.after = {ask.node.bob.who, 2, 2};
  const auto delivered = ask.why({{"group", "lobby"}, {"sender", "bob"}, {"number", 3u}});
  CHECK(delivered["state"] == "delivered");
  CHECK(delivered["delivered_ms_ago"] == 5000);
  CHECK(delivered["held_us"] == 1500);
  CHECK(delivered["after"]["first"] == "2");
  CHECK_FALSE(delivered.contains("missing"));
  told = {};
  told.what = fate::lost;
  told.lost_because = protocol::gap_event::cause::retention;
  told.lost_at = protocol::instant{-3s};
  const auto lost = ask.why({{"sender", "bob"}, {"number", 3u}});
  CHECK(lost["lost_because"] == "retention");
  CHECK(lost["lost_ms_ago"] == 3000);
}

TEST_CASE("questions that cannot be answered say what to do", "[apps][why]") {
  asked_node ask;
  const json about{{"sender", "bob"}, {"number", 1017u}};
  ask.node.explanation.what = fate::unheard_of;
  ask.node.explanation.newest = 16;
  const auto unheard = ask.refusal(about);
  CHECK(unheard.code == "message-unknown");
  CHECK(unheard.exit == exit_code::no);
  CHECK(unheard.message == "nobody has told ann of message 1017 of 'bob' in group 'lobby'");
  CHECK(unheard.hint == "the newest it knows of is 'causerie why lobby/bob:16'");
  ask.node.explanation.what = fate::unknown_sender;
  CHECK(ask.refusal(about).code == "sender-unknown");
  CHECK(ask.refusal({{"sender", "zoe"}, {"number", 1u}}).code == "peer-unknown");
  auto elsewhere = about;
  elsewhere["group"] = "loby";
  CHECK(ask.refusal(elsewhere).hint == "did you mean 'lobby'?");
  ask.node.groups = {"lobby", "kitchen"};
  const auto ambiguous = ask.refusal(about);
  CHECK(ambiguous.exit == exit_code::usage);
  CHECK(ambiguous.hint == "write GROUP/SENDER:NUMBER; GROUP is one of lobby, kitchen");
  ask.node.groups.clear();
  CHECK(ask.refusal(about).code == "no-group");
}
