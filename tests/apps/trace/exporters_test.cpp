// SPDX-License-Identifier: BSL-1.0
#include "apps/trace/exporters.hpp"

#include <map>
#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"

using namespace causerie::trace;
using nlohmann::json;

namespace {

run_event event(std::int64_t at_us, std::uint32_t node, event_kind kind, std::string message = {}) {
  run_event made;
  made.at_ns = at_us * 1000;
  made.node = node;
  made.kind = kind;
  made.message = std::move(message);
  return made;
}

/// Ann asks, Bob answers; Cid gets the answer first and holds it back for 3 ms.
run small_talk() {
  run told{.title = "small </script> talk",
           .virtual_time = true,
           .nodes = {"ann", "bob b", "cid"},
           .events = {}};
  told.events = {event(0, 0, event_kind::send, "a:1"),
                 event(0, 0, event_kind::deliver, "a:1"),
                 event(1000, 1, event_kind::deliver, "a:1"),
                 event(1500, 1, event_kind::send, "b:1"),
                 event(1500, 1, event_kind::deliver, "b:1"),
                 event(2000, 0, event_kind::deliver, "b:1"),
                 event(5000, 2, event_kind::deliver, "a:1"),
                 event(5001, 2, event_kind::deliver, "b:1"),
                 event(6000, 2, event_kind::gap)};
  told.events[7].held_ns = 3'000'000;
  told.events[8].text = "unreachable; x:1-2";
  put_in_order(told);
  return told;
}

template <class Writer>
std::string text_by(Writer write, const run& told) {
  std::string text;
  write(told, [&](std::string_view piece) { text += piece; });
  return text;
}

}  // namespace

TEST_CASE("deliveries are linked to their sends, at equal times too", "[apps][trace]") {
  auto told = small_talk();
  std::swap(told.events[0], told.events[1]);
  put_in_order(told);
  CHECK(told.events[0].kind == event_kind::send);
  CHECK(told.events[1].cause == 0);
  CHECK(told.events[7].cause == 3);
  CHECK_FALSE(told.events[3].cause);
}

TEST_CASE("a run as lines of JSON", "[apps][trace]") {
  std::istringstream lines{text_by(write_lines, small_talk())};
  std::vector<json> all;
  for (std::string line; std::getline(lines, line);) all.push_back(json::parse(line));
  REQUIRE(all.size() == 9);
  CHECK(all[7]["schema"] == "causerie.trace/1");
  CHECK(all[7]["event"] == 7);
  CHECK(all[7]["at_ns"] == "5001000");
  CHECK(all[7]["node"] == "cid");
  CHECK(all[7]["kind"] == "deliver");
  CHECK(all[7]["message"] == "b:1");
  CHECK(all[7]["cause"] == 3);
  CHECK(all[7]["held_ns"] == 3000000);
  CHECK(all[8]["text"] == "unreachable; x:1-2");
}

TEST_CASE("a run as Chrome trace events", "[apps][trace]") {
  const auto page = json::parse(text_by(write_chrome, small_talk()));
  std::map<std::string, int> phases;
  std::map<int, json> begun;
  for (const auto& each : page["traceEvents"]) {
    ++phases[each["ph"].get<std::string>()];
    if (each["ph"] == "s") begun[each["id"].get<int>()] = each;
    if (each["ph"] != "f") continue;
    REQUIRE(begun.contains(each["id"].get<int>()));
    CHECK(begun[each["id"].get<int>()]["ts"].get<double>() <= each["ts"].get<double>());
  }
  CHECK(phases ==
        std::map<std::string, int>{{"M", 4}, {"X", 9}, {"s", 6}, {"f", 6}, {"b", 1}, {"e", 1}});
}

TEST_CASE("ShiViz's clocks order what happened, and nothing else", "[apps][trace]") {
  std::istringstream lines{text_by(write_shiviz, small_talk())};
  std::vector<json> clocks;
  std::vector<std::string> hosts;
  for (std::string what, where; std::getline(lines, what) && std::getline(lines, where);) {
    hosts.push_back(where.substr(0, where.find(' ')));
    clocks.push_back(json::parse(where.substr(where.find(' '))));
    CHECK(what.find('\n') == what.npos);
  }
  REQUIRE(clocks.size() == 9);
  CHECK(hosts[2] == "bob_b");
  CHECK(clocks[0] == json{{"ann", 1}});
  CHECK(clocks[2] == json{{"ann", 1}, {"bob_b", 1}});
  CHECK(clocks[6] == json{{"ann", 1}, {"cid", 1}});
  CHECK(clocks[7] == json{{"ann", 1}, {"bob_b", 2}, {"cid", 2}});
  // Each host counts its own events without a hole: ShiViz refuses a log that does not.
  std::map<std::string, int> own;
  for (std::size_t i = 0; i < clocks.size(); ++i) CHECK(clocks[i][hosts[i]] == ++own[hosts[i]]);
}

TEST_CASE("the page carries the run, and no text of it ends the script", "[apps][trace]") {
  const auto page = text_by(write_page, small_talk());
  CHECK(page.starts_with("<!DOCTYPE html>"));
  CHECK(page.ends_with("</html>\n"));
  CHECK(page.find("/*RUN*/") == page.npos);
  for (const auto* outside : {"http:", "https:", "src=", "@import", "fetch("})
    CHECK(page.find(outside) == page.npos);  // It asks nobody for anything.
  const std::string_view open = "id=\"run\">";
  const auto begin = page.find(open) + open.size();
  const auto data = json::parse(page.substr(begin, page.find("</script>", begin) - begin));
  CHECK(data["schema"] == "causerie.diagram/1");
  CHECK(data["title"] == "small </script> talk");
  CHECK(data["at"] == json{0, 0, 1000, 500, 0, 500, 3000, 1, 999});
  CHECK(data["cause"][7] == 3);
  CHECK(data["held"] == json{{"7", 3000}});
  CHECK(data["messages"] == json{"a:1", "b:1"});
}

TEST_CASE("a run for a terminal ends with its last events", "[apps][trace]") {
  const auto text = terminal_text(small_talk(), 2);
  CHECK(text ==
        "     seconds  ann bob cid\n"
        "    0.005001  |   |   *   cid deliver b:1, held for 3.000 ms from bob b\n"
        "    0.006000  |   |   x   cid gap (unreachable; x:1-2)\n");
}

TEST_CASE("an empty run is a run", "[apps][trace]") {
  const run nothing{};
  CHECK(text_by(write_lines, nothing).empty());
  CHECK(text_by(write_shiviz, nothing).empty());
  CHECK(json::parse(text_by(write_chrome, nothing))["traceEvents"].size() == 1);
  CHECK(text_by(write_page, nothing).find("\"at\":[]") != std::string::npos);
}
