// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/arguments.hpp"

#include "apps/causerie/cli/app_error.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using namespace std::chrono_literals;

namespace {

const std::vector<verb_spec>& verbs() {
  static const std::vector<verb_spec> table{
      {.name = "send",
       .summary = "one private message",
       .about = "",
       .positionals = {{"PEER"}, {"TEXT", false}},
       .flags = {{.name = "file",
                  .kind = value_kind::text,
                  .placeholder = "F",
                  .summary = "read the text from F"}}},
      {.name = "node",
       .summary = "run a node",
       .about = "",
       .positionals = {},
       .flags = {{.name = "join",
                  .kind = value_kind::text,
                  .placeholder = "ADDR",
                  .summary = "members to join",
                  .setting = "node.join",
                  .repeated = true},
                 {.name = "loss",
                  .kind = value_kind::probability,
                  .placeholder = "P",
                  .summary = "lose datagrams",
                  .setting = "faults.loss",
                  .testing = true}}},
      {.name = "sim",
       .summary = "simulate",
       .about = "",
       .positionals = {{"run|search"}},
       .flags = {}},
      {.name = "demo-member",
       .summary = "",
       .about = "",
       .positionals = {},
       .flags = {},
       .run = nullptr,
       .hidden = true},
  };
  return table;
}

command_line parse(std::vector<std::string> words) { return parse_command_line(words, verbs()); }

app_error problem(std::vector<std::string> words) {
  try {
    (void)parse(std::move(words));
  } catch (const app_error& error) {
    return error;
  }
  FAIL("no error");
  return usage_error("");
}

}  // namespace

TEST_CASE("global flags stand before or after the verb", "[apps][arguments]") {
  for (const auto& words : {std::vector<std::string>{"--node", "a", "--json", "send", "b", "hi"},
                            std::vector<std::string>{"send", "b", "hi", "--json", "--node=a"},
                            std::vector<std::string>{"--json", "send", "b", "--node", "a", "hi"}}) {
    const auto line = parse(words);
    REQUIRE(line.verb != nullptr);
    CHECK(line.verb->name == "send");
    CHECK(line.given.text("node") == "a");
    CHECK(line.given.has("json"));
    CHECK(line.given.text("PEER") == "b");
    CHECK(line.given.text("TEXT") == "hi");
  }
}

TEST_CASE("letters add up", "[apps][arguments]") {
  CHECK(parse({"-vv", "node"}).given.times("verbose") == 2);
  CHECK(parse({"node", "-v", "-q"}).given.has("quiet"));
}

TEST_CASE("a flag may take several values", "[apps][arguments]") {
  CHECK(parse({"node", "--join", "a:1", "b:2", "--join", "c:3"}).given.all("join") ==
        std::vector<std::string>{"a:1", "b:2", "c:3"});
}

TEST_CASE("a lone dash is an argument, and so is all after two", "[apps][arguments]") {
  CHECK(parse({"send", "b", "-"}).given.text("TEXT") == "-");
  CHECK(parse({"send", "b", "--", "--help"}).given.text("TEXT") == "--help");
}

TEST_CASE("a misspelt verb is looked up before anything else", "[apps][arguments]") {
  CHECK(error_text(problem({"sned", "--what"})) ==
        "error: unknown verb 'sned'\n"
        "  hint: did you mean 'send'? 'causerie --help' lists all\n");
  CHECK(problem({"sned"}).exit == exit_code::usage);
  CHECK(problem({"demo-membr"}).hint == "'causerie --help' lists all");  // Hidden ones stay so.
}

TEST_CASE("a misspelt flag names the nearest one", "[apps][arguments]") {
  CHECK(error_text(problem({"node", "--jion", "a:1"})) ==
        "error: unknown flag '--jion'\n"
        "  hint: did you mean '--join'? 'causerie node --help' lists all\n");
  CHECK(problem({"--jsn", "node"}).code == "unknown-flag");
}

TEST_CASE("a bare number is an error with a hint", "[apps][arguments]") {
  CHECK(error_text(problem({"send", "b", "hi", "--timeout", "5"})) ==
        "error: --timeout: '5' has no unit\n"
        "  hint: say '5ms' or '5s'\n");
  CHECK(parse({"send", "b", "hi", "--timeout", "5s"}).given.time("timeout", 0s) == 5s);
}

TEST_CASE("values are checked when they are read", "[apps][arguments]") {
  CHECK(problem({"node", "--loss", "3"}).message == "--loss: 3 is not between 0 and 1");
  CHECK(problem({"node", "--color", "autp"}).hint == "did you mean 'auto'?");
  CHECK(problem({"sim", "serch"}).message == "argument: 'serch' is none of run|search");
}

TEST_CASE("missing and superfluous arguments are named", "[apps][arguments]") {
  CHECK(problem({"send"}).message == "PEER is missing");
  CHECK(problem({"send", "b", "two", "words"}).message == "'words' is one argument too many");
  CHECK(problem({"node", "--join"}).exit == exit_code::usage);
}

TEST_CASE("help is given whatever else is missing", "[apps][arguments]") {
  CHECK(parse({"send", "--help"}).help);
  CHECK(parse({"-h"}).verb == nullptr);
  CHECK(parse({"--version"}).version);
  const auto text = help_text(verbs());
  CHECK(text.find("send") != std::string::npos);
  CHECK(text.find("demo-member") == std::string::npos);
  CHECK(help_text(verbs()[0]).starts_with("usage: causerie send PEER [TEXT] [FLAGS]\n"));
}
