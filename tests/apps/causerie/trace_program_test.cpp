// SPDX-License-Identifier: BSL-1.0
#include <filesystem>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "tests/apps/causerie/running_node.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using nlohmann::json;

namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> all;
  for (std::size_t from = 0; from < text.size();) {
    const auto to = text.find('\n', from);
    all.push_back(json::parse(text.substr(from, to - from)));
    from = to + 1;
  }
  return all;
}

}  // namespace

TEST_CASE("a simulated day comes out in every format", "[apps][program][trace]") {
  const causerie_home home;
  const auto day = (home.folder() / "day").string();
  REQUIRE(home.run({"sim", "run", "--seed", "5", "--trace", day}).status == 0);
  const auto write = [&](const std::string& name) {
    const auto path = (home.folder() / name).string();
    const auto result = home.run({"trace", day, "--out", path});
    INFO(result.err);
    REQUIRE(result.status == 0);
    return text_of(path);
  };
  const auto lines = lines_of(write("run.jsonl"));
  REQUIRE(lines.size() > 1000);
  CHECK(lines.front()["schema"] == "causerie.trace/1");
  std::size_t linked = 0, delivered = 0, held = 0;
  for (const auto& line : lines) {
    delivered += line["kind"] == "deliver";
    linked += line["kind"] == "deliver" && line.contains("cause");
    held += line.contains("held_ns");
  }
  CHECK(delivered > 500);
  CHECK(linked == delivered);
  CHECK(held > 0);
  CHECK(json::parse(write("run.json"))["traceEvents"].size() > lines.size());
  CHECK(write("run.shiviz").find("\nn0 {\"n0\":1") != std::string::npos);
  const auto page = write("run.html");
  CHECK(page.starts_with("<!DOCTYPE html>"));
  CHECK(page.find("causerie.diagram/1") != page.npos);
  const auto shown = home.run({"trace", day, "--last", "3"});
  CHECK(std::count(shown.out.begin(), shown.out.end(), '\n') == 4);
}

TEST_CASE("the running nodes show where a message is held up", "[apps][program][trace]") {
  const causerie_home home;
  const running_node a{home, "a"};
  const running_node b{home, "b", {"--join", a.address(), "--withhold", "the question"}};
  REQUIRE(soon([&] { return a.alive() == 2 && b.alive() == 2; }));
  running_sub ears_a{home, a, "lobby"}, ears_b{home, b, "lobby"};
  REQUIRE(a.run({"pub", "lobby", "hello"}).status == 0);
  REQUIRE(ears_b.texts_until("a: hello") == words{"a: hello"});
  REQUIRE(a.run({"pub", "lobby", "the question"}).status == 0);
  REQUIRE(a.run({"pub", "lobby", "are you there?"}).status == 0);
  std::vector<json> lines;
  REQUIRE(soon([&] {
    const auto result = home.run({"trace", "--format", "jsonl"});
    lines = lines_of(result.out);
    return result.status == 0 && lines.size() >= 3 &&
           lines[lines.size() - 2]["kind"] != "deliver" && lines.back()["kind"] != "deliver";
  }));
  std::map<std::string, json> by_kind;
  for (const auto& line : lines)
    if (line["node"] == "b") by_kind[line["kind"].get<std::string>()] = line;
  CHECK(by_kind["deliver"].contains("cause"));
  REQUIRE(by_kind.contains("hold"));
  REQUIRE(by_kind.contains("lack"));
  const auto lacked = by_kind["lack"]["message"].get<std::string>();
  CHECK("waits for " + lacked.substr(6) == by_kind["hold"]["text"].get<std::string>());
  CHECK(by_kind["lack"].contains("cause"));
}

TEST_CASE("what cannot be shown is said with a hint", "[apps][program][trace]") {
  const causerie_home home;
  const auto missing = home.run({"trace", "/nonexistent/run"});
  CHECK(missing.status == 1);
  CHECK(missing.err ==
        "error: /nonexistent/run: it cannot be read\n"
        "  hint: RUN is what 'sim run --trace FILE' or 'demo --keep DIR' wrote\n");
  CHECK(home.run({"trace"}).status == 69);
  CHECK(home.run({"trace", "x", "--format", "pdf"}).status == 2);
  const auto day = (home.folder() / "day").string();
  REQUIRE(home.run({"sim", "run", "--seed", "5", "--trace", day}).status == 0);
  CHECK(home.run({"trace", day, "-o", "/nonexistent/run.html"}).status == 73);
}
