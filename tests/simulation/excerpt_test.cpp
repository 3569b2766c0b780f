// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/excerpt.hpp"

#include "apps/simulation/run_seed.hpp"
#include "tests/catch.hpp"

using namespace causerie::simulation;

namespace {

std::string wrong(std::string_view text) {
  const auto read = excerpt::parse(text);
  return read ? "" : read.error();
}

}  // namespace

TEST_CASE("an excerpt is one word, and is read back", "[simulation][excerpt]") {
  excerpt part;
  CHECK(part.text().empty());
  CHECK(excerpt::parse("") == part);
  part.nodes = {0, 1, 2, 5};
  part.faults = excerpt::numbers{};
  part.with = {"loss", "clock-errors"};
  part.chaos = 5200ms;
  part.messages = 40;
  part.luck = 2;
  CHECK(part.text() ==
        "nodes=0-2,5/faults=/with=loss,clock-errors/chaos=5200ms/messages=40/luck=2");
  CHECK(excerpt::parse(part.text()) == part);
}

TEST_CASE("what is no excerpt is said", "[simulation][excerpt]") {
  CHECK(wrong("nodes") == "'nodes' has no '='");
  CHECK(wrong("knots=3") == "nothing is called 'knots'");
  CHECK(wrong("nodes=3-1") == "'3-1' is no list of numbers such as 0-2,5");
  CHECK(wrong("faults=0-4294967295") == "'0-4294967295' is no list of numbers such as 0-2,5");
  CHECK(wrong("nodes=") == "a day without nodes is none");
  CHECK(wrong("with=loss,rain") == "nothing is called 'rain'");
  CHECK(wrong("chaos=5") == "'5' is no time such as 5200ms");
  CHECK(wrong("messages=-1") == "'-1' is no number");
}

TEST_CASE("a day says what it had, and that is the day again", "[simulation][excerpt]") {
  const auto day = run_seed(scenario{}, 3);
  CHECK(day.lived.nodes->size() > 1);
  CHECK(*day.lived.messages > 100);
  const auto again = run_seed(scenario{}, 3, {.level = 1, .trace_sink = {}, .only = day.lived});
  CHECK(again.trace_hash == day.trace_hash);
  CHECK(again.lived == day.lived);
}

TEST_CASE("a part of a day has nothing else", "[simulation][excerpt]") {
  const auto part = excerpt::parse("nodes=0,2/faults=/with=/chaos=2000ms/messages=50");
  const auto day = run_seed(scenario{}, 3, {.level = 1, .trace_sink = {}, .only = *part});
  CHECK(day.violations.empty());
  CHECK(day.verdict.rows.size() == 2);
  CHECK(day.faults == 0);
  CHECK(day.verdict.messages + day.verdict.private_messages == 50);
  CHECK(day.lived == *part);
  auto other = *part;
  other.luck = 1;
  const auto lucky = run_seed(scenario{}, 3, {.level = 1, .trace_sink = {}, .only = other});
  CHECK(lucky.trace_hash != day.trace_hash);
}
