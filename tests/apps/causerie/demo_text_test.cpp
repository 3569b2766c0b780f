// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/demo/demo_text.hpp"

#include "apps/causerie/cli/app_error.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;

TEST_CASE("a line of the demo carries its id and its question", "[apps][demo]") {
  const demo_message answer{.id = "n3:18", .question = "n1:4", .text = "yes [sic] it does"};
  CHECK(to_text(answer) == "[n3:18 re n1:4] yes [sic] it does");
  const auto back = demo_message_of(to_text(answer));
  CHECK(back.id == answer.id);
  CHECK(back.question == answer.question);
  CHECK(back.text == answer.text);
  CHECK(demo_message_of("no id").id.empty());
  CHECK(demo_place_of("n3:18").author == "n3");
  CHECK(demo_place_of("n3:18").index == 18);
  CHECK(demo_place_of("n3>n4:x").index == 0);
}

TEST_CASE("there is always something to say", "[apps][demo]") {
  CHECK(demo_lines({}).size() >= 8);
  CHECK_THROWS_AS(demo_lines({"/nowhere/at/all"}), app_error);
}
