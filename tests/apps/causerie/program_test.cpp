// SPDX-License-Identifier: BSL-1.0
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/apps/program_runner.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using nlohmann::json;

namespace {

struct home : program_home {
  home() : program_home{CAUSERIE_PROGRAM} {}
  /// A file with that text; its path.
  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
    const auto path = folder() / name;
    std::ofstream{path} << text;
    return path.string();
  }
};

}  // namespace

TEST_CASE("a wrong command line ends with 2 and a hint", "[apps][program]") {
  const home here;
  const auto verb = here.run({"sned", "b", "hi"});
  CHECK(verb.status == 2);
  CHECK(verb.out.empty());
  CHECK(verb.err ==
        "error: unknown verb 'sned'\n  hint: did you mean 'send'? 'causerie --help' lists all\n");
  const auto bare = here.run({"send", "b", "hi", "--timeout", "5"});
  CHECK(bare.status == 2);
  CHECK(bare.err == "error: --timeout: '5' has no unit\n  hint: say '5ms' or '5s'\n");
  const auto flag = here.run({"node", "--lisen", "127.0.0.1:0"});
  CHECK(flag.status == 2);
  CHECK(flag.err ==
        "error: unknown flag '--lisen'\n"
        "  hint: did you mean '--listen'? 'causerie node --help' lists all\n");
  CHECK(here.run({}).status == 2);
  CHECK(here.run({"demo", "--nodes", "1"}).status == 2);
  CHECK(here.run({"send", "b"}).status == 2);
}

TEST_CASE("errors are JSON with --json, and their code is stable", "[apps][program]") {
  const home here;
  const auto result = here.run({"status", "--json"});
  CHECK(result.status == 69);
  CHECK(result.out.empty());
  const auto error = json::parse(result.err);
  CHECK(error["schema"] == "causerie.error/1");
  CHECK(error["code"] == "no-node");
  CHECK(error["exit"] == 69);
}

TEST_CASE("without a node every verb that needs one says so", "[apps][program]") {
  const home here;
  for (const auto& verb : {words{"status"}, words{"members"}, words{"actors"},
                           words{"send", "b", "x"}, words{"pub", "g", "x"}, words{"sub", "g"},
                           words{"chat"}, words{"kill", "x"}, words{"watch"}}) {
    const auto result = here.run(verb);
    CHECK(result.status == 69);
    CHECK(result.err ==
          "error: no node is running for this user\n"
          "  looked for: the socket of any node in the runtime folder\n"
          "  hint: start one with 'causerie node', or try 'causerie demo'\n");
  }
}

TEST_CASE("a wrong setting ends with 78 and its place", "[apps][program]") {
  home here;
  const auto misspelt = here.file("a.toml", "[node]\nlistn = \"127.0.0.1:1\"\n");
  const auto unknown = here.run({"node", "--config", misspelt});
  CHECK(unknown.status == 78);
  CHECK(unknown.err == "error: " + misspelt +
                           ":2:1: unknown key 'node.listn'\n"
                           "  hint: did you mean 'node.listen'?\n");
  const auto unitless = here.file("b.toml", "[node]\nping-interval = 5\n");
  const auto bare = here.run({"node", "--config", unitless});
  CHECK(bare.status == 78);
  CHECK(bare.err == "error: " + unitless +
                        ":2:17: node.ping-interval: '5' has no unit\n"
                        "  hint: say '5ms' or '5s'\n");
  const auto broken = here.file("c.toml", "[node\n");
  CHECK(here.run({"status", "--config", broken}).status == 78);
  here.variables["CAUSERIE_NODE_PING_INTERVAL"] = "5";
  const auto variable = here.run({"node"});
  CHECK(variable.status == 78);
  CHECK(variable.err ==
        "error: CAUSERIE_NODE_PING_INTERVAL: '5' has no unit\n"
        "  hint: say '5ms' or '5s'\n");
}

TEST_CASE("a configuration that cannot be read is no empty one", "[apps][program]") {
  const home here;
  for (const auto& path : {here.folder() / "missing.toml", here.folder()}) {
    const auto result = here.run({"node", "--config", path.string()});
    CHECK(result.status == 78);
    CHECK(result.err ==
          "error: " + path.string() + ": cannot be read\n  hint: --config names another file\n");
  }
}

TEST_CASE("a runtime folder that cannot be this user's own is refused", "[apps][program]") {
  const home here;
  const auto folder = here.folder() / "causerie";
  std::ofstream{folder} << "in the way";
  const auto file = here.run({"node"});
  CHECK(file.status == 73);
  CHECK(file.err.starts_with("error: the runtime folder " + folder.string() + " is no folder\n"));
  std::filesystem::remove(folder);
  std::filesystem::create_directory(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::all);
  const auto open = here.run({"node"});
  CHECK(open.status == 77);
  CHECK(open.err.find("  hint: 'chmod 700 " + folder.string() + "'") != std::string::npos);
}

TEST_CASE("help lists the verbs there are, version tells the wire's", "[apps][program]") {
  const home here;
  const auto help = here.run({"--help"});
  CHECK(help.status == 0);
  for (const auto* verb : {"demo", "node", "status", "members", "actors", "send", "pub", "sub",
                           "chat", "kill", "watch", "bench", "sim", "version"})
    CHECK(help.out.find(std::string{"\n  "} + verb + " ") != std::string::npos);
  CHECK(help.out.find("member ") == std::string::npos);
  const auto version = here.run({"--version", "--json"});
  CHECK(json::parse(version.out)["schema"] == "causerie.version/1");
  CHECK(json::parse(version.out).contains("wire"));
}
