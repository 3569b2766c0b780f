// SPDX-License-Identifier: BSL-1.0
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

  /// Who greets next: lines are `7 kite-1f2e: hello from kite-1f2e`.
  [[nodiscard]] std::string next_greeter() {
    const auto line = process.line();
    CAPTURE(line);
    const std::string greeting = ": hello from ";
    const auto at = line.find(greeting);
    REQUIRE(at != line.npos);
    auto name = line.substr(at + greeting.size());
    const auto space = line.find(' ');
    CHECK(space > 0);
    CHECK(line.find_first_not_of("0123456789") == space);
    // Who came just now may be known by the beginning of its id only, with which its name ends.
    const auto author = line.substr(space + 1, at - space - 1);
    REQUIRE(name.size() > 4);
    CHECK((author == name || author.starts_with(name.substr(name.size() - 4))));
    return name;
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
  const auto host = first.next_greeter();
  lobby second{{first.address}};
  const auto guest = second.next_greeter();
  CHECK(guest != host);
  CHECK(first.next_greeter() == guest);
  lobby third{{second.address}};
  const auto last = third.next_greeter();
  CHECK(first.next_greeter() == last);
  CHECK(second.next_greeter() == last);
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

TEST_CASE("accounts are kept once whatever dies or throws, and the program ends",
          "[apps][examples]") {
  const program_home home{CAUSERIE_EXAMPLE_LEDGER};
  const auto result = home.run({});
  INFO(result.out << result.err);
  CHECK(result.status == 0);
  CHECK(result.err.empty());
  CHECK(result.out ==
        "booked: ann pays bob 5\n"
        "booked: bob pays cid 2\n"
        "ann: -5\nbob: 3\ncid: 2\n"
        "dead letter: what does ann pay?\n");
}
