// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <sstream>

#include "tests/apps/program_runner.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;

namespace {

/// The lobby of apps/examples as one process, and where it listens.
struct lobby {
  program_home home{CAUSERIE_EXAMPLE_LOBBY};
  program_home::running process;
  std::string address;

  explicit lobby(const words& members = {}) : process{home, members} {
    const std::string greeting = "listening on ";
    const auto line = process.line();
    REQUIRE(line.starts_with(greeting));
    address = line.substr(greeting.size());
  }

  /// Whose greeting comes next: lines are `7 wren-1f2e: hello from wren-1f2e`.
  [[nodiscard]] std::string next_author() {
    std::istringstream line{process.line()};
    std::string lamport, author, rest;
    line >> lamport >> author;
    std::getline(line, rest);
    CAPTURE(lamport, author, rest);
    CHECK((!lamport.empty() &&
           std::ranges::all_of(lamport, [](char c) { return c >= '0' && c <= '9'; })));
    REQUIRE(author.ends_with(':'));
    author.pop_back();
    CHECK(rest == " hello from " + author);
    return author;
  }
};

words lines_of(const std::string& text, const std::string& beginning) {
  words found;
  std::istringstream from{text};
  for (std::string line; std::getline(from, line);)
    if (line.starts_with(beginning)) found.push_back(line);
  return found;
}

}  // namespace

TEST_CASE("who is in the lobby hears who comes", "[apps][examples]") {
  lobby first;
  const auto host = first.next_author();
  lobby second{{first.address}};
  const auto guest = second.next_author();
  CHECK(guest != host);
  CHECK(first.next_author() == guest);
  lobby third{{second.address}};
  const auto last = third.next_author();
  CHECK(first.next_author() == last);
  CHECK(second.next_author() == last);
}

TEST_CASE("an actor hears the question before the answer, and the program ends",
          "[apps][examples]") {
  const program_home home{CAUSERIE_EXAMPLE_ACTORS};
  const auto result = home.run({});
  INFO(result.out << result.err);
  CHECK(result.status == 0);
  CHECK(result.err.empty());
  CHECK(lines_of(result.out, "ann heard:") ==
        words{"ann heard: bob, are you there?", "ann heard: bob says yes"});
  const auto bobs = lines_of(result.out, "bob heard:");
  REQUIRE_FALSE(bobs.empty());
  CHECK(bobs.front() == "bob heard: bob, are you there?");
}
