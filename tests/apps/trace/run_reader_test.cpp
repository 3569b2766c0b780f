// SPDX-License-Identifier: BSL-1.0
#include "apps/trace/run_reader.hpp"

#include <stdlib.h>

#include <fstream>

#include "apps/checker/history_writer.hpp"
#include "tests/catch.hpp"

using namespace causerie;
using namespace causerie::trace;

namespace {

class test_folder {
public:
  test_folder() {
    std::string pattern = "/tmp/causerie-trace-XXXXXX";
    path = ::mkdtemp(pattern.data());
  }
  ~test_folder() { std::filesystem::remove_all(path); }
  test_folder(const test_folder&) = delete;
  test_folder& operator=(const test_folder&) = delete;

  std::filesystem::path file(const std::string& name, const std::string& text) const {
    std::ofstream{path / name} << text;
    return path / name;
  }
  std::filesystem::path path;
};

protocol::byte_view bytes(std::string_view text) { return std::as_bytes(std::span{text}); }

std::string problem(const std::filesystem::path& from, std::size_t line = 0) {
  try {
    (void)read_run(from);
  } catch (const unreadable& why) {
    CHECK(why.line == line);
    return why.why;
  }
  return "it was read";
}

}  // namespace

TEST_CASE("a folder of histories is one run", "[apps][trace]") {
  const test_folder folder;
  {
    checker::history_writer ann{folder.path / "n2.history.jsonl", "ann", 7, "aa"};
    checker::history_writer bob{folder.path / "n10.history.jsonl", "bob", 1, "bb"};
    ann.send("lobby", "a:1", bytes("hello"));
    bob.deliver("lobby", "a:1", bytes("hello"), "aa", 7, 2, std::chrono::milliseconds{4});
    bob.private_send("aa", "main", "w:1", bytes("psst"));
    ann.private_deliver("bb", "main", "w:1", bytes("psst"));
    bob.gap("lobby", {{"aa", 7, 3, 4}}, "unreachable");
  }
  const auto told = read_run(folder.path);
  CHECK(told.nodes == std::vector<std::string>{"ann", "bob"});
  CHECK_FALSE(told.virtual_time);
  REQUIRE(told.events.size() == 7);
  CHECK(told.events[0].text == "life 7");
  CHECK(told.events[3].kind == event_kind::deliver);
  CHECK(told.events[3].node == 1);
  CHECK(told.events[3].cause == 2);
  CHECK(told.events[3].held_ns == 4'000'000);
  CHECK(told.events[5].kind == event_kind::hear);
  CHECK(told.events[5].cause == 4);
  CHECK(told.events[6].text == "unreachable; ann:3-4");
}

TEST_CASE("the trace of a simulated day is a run", "[apps][trace]") {
  const test_folder folder;
  const auto file = folder.file("day.jsonl",
                                R"({"t":0,"what":"start","node":10,"a":1,"b":0}
{"t":5,"what":"start","node":9,"a":1,"b":0}
{"t":10,"what":"send","node":10,"a":1,"b":20,"text":"n10.1:1"}
{"t":15,"what":"arrival","node":9,"a":30,"b":99}
{"t":20,"what":"deliver","node":9,"a":1,"b":3,"held":4000,"text":"n10.1:1"}
{"t":30,"what":"pause","node":9,"a":2500000000,"b":0}
{"t":40,"what":"gap","node":9,"a":3,"b":5,"text":"n10 unreachable"}
{"t":50,"what":"gone","no)");
  const auto told = read_run(file);
  CHECK(told.virtual_time);
  CHECK(told.nodes == std::vector<std::string>{"n9", "n10"});
  REQUIRE(told.events.size() == 6);  // No packets, and no torn line.
  CHECK(told.events[2].node == 1);
  CHECK(told.events[3].cause == 2);
  CHECK(told.events[3].held_ns == 4000);
  CHECK(told.events[4].kind == event_kind::fault);
  CHECK(told.events[4].text == "pause for 2.5 s");
  CHECK(told.events[5].text == "n10 unreachable: 3-5");
}

TEST_CASE("what is no run is named by file and line", "[apps][trace]") {
  const test_folder folder;
  CHECK(problem(folder.path / "nothing") == "it cannot be read");
  CHECK(problem(folder.path) == "no *.history.jsonl is in it");
  CHECK(problem(folder.file("empty", "")) == "it is empty");
  CHECK(problem(folder.file("text", "hello\n"), 1) ==
        "neither a history nor the trace of a simulated day");
  CHECK(problem(folder.file("day", R"({"t":0,"what":"start","node":1,"a":1,"b":0}
{"t":"soon","what":"send","node":1}
)"),
                2) == "no line of a simulated day's trace");
}
