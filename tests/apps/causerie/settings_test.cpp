// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/settings.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/folders.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using namespace std::chrono_literals;

namespace {

/// A folder of the test's own with a causerie.toml in it.
class config_file {
public:
  explicit config_file(std::string_view text) {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "causerie-test-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directories(folder_ / "causerie");
    std::ofstream{path()} << text;
  }
  ~config_file() { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string path() const { return (folder_ / "causerie/causerie.toml").string(); }
  [[nodiscard]] std::string folder() const { return folder_.string(); }

private:
  std::filesystem::path folder_;
};

const verb_spec node_verb{
    .name = "node",
    .summary = "",
    .about = "",
    .positionals = {},
    .flags = {{.name = "name",
               .kind = value_kind::text,
               .placeholder = "NAME",
               .summary = "",
               .setting = "node.name"},
              {.name = "no-discover", .summary = "", .setting = "node.discover"}}};

settings load(const settings::environment& variables, const arguments& given = {}) {
  return settings::load(node_verb, given, variables);
}

app_error problem(const settings::environment& variables, const arguments& given = {}) {
  try {
    (void)load(variables, given);
  } catch (const app_error& error) {
    return error;
  }
  FAIL("no error");
  return usage_error("");
}

}  // namespace

TEST_CASE("a flag beats the environment, which beats the file, which beats the default",
          "[apps][settings]") {
  const config_file file{"[node]\nname = \"from-file\"\n"};
  settings::environment variables{{"HOME", "/nowhere"}};
  CHECK(load(variables).text("node.name").empty());
  CHECK(load(variables).is_default("node.name"));

  variables["XDG_CONFIG_HOME"] = file.folder();
  CHECK(load(variables).text("node.name") == "from-file");
  CHECK(load(variables).origin_of("node.name").where == file.path() + ":2");

  variables["CAUSERIE_NODE_NAME"] = "from-environment";
  CHECK(load(variables).text("node.name") == "from-environment");
  CHECK(load(variables).origin_of("node.name").where == "CAUSERIE_NODE_NAME");

  arguments given;
  given.add("name", "from-flag");
  CHECK(load(variables, given).text("node.name") == "from-flag");
  CHECK(load(variables, given).origin_of("node.name").where == "--name");
}

TEST_CASE("a flag that begins with no- switches a setting off", "[apps][settings]") {
  arguments given;
  given.add("no-discover", "true");
  CHECK(load({}).on("node.discover"));
  CHECK_FALSE(load({}, given).on("node.discover"));
}

TEST_CASE("every kind of value is read from a file", "[apps][settings]") {
  const config_file file{
      "[node]\nlisten = [\"127.0.0.1:7450\"]\njoin = [\"a:1\", \"b:2\"]\ngroup-limit = 12\n"
      "memory-only = true\n[faults]\nloss = 0.25\ndelay = \"20ms\"\n"};
  const auto chosen = load({{"CAUSERIE_CONFIG", file.path()}});
  CHECK(chosen.text("node.listen") == "127.0.0.1:7450");
  CHECK(chosen.list("node.join") == std::vector<std::string>{"a:1", "b:2"});
  CHECK(chosen.count("node.group-limit") == 12);
  CHECK(chosen.on("node.memory-only"));
  CHECK(chosen.probability("faults.loss") == Approx(0.25));
  CHECK(chosen.time("faults.delay") == 20ms);
}

TEST_CASE("an unknown key names its place and the nearest known one", "[apps][settings]") {
  const config_file file{"# mine\n\n[node]\nlistn = \"127.0.0.1:1\"\n"};
  const auto error = problem({{"CAUSERIE_CONFIG", file.path()}});
  CHECK(error.exit == exit_code::configuration);
  CHECK(error_text(error) == "error: " + file.path() +
                                 ":4:1: unknown key 'node.listn'\n"
                                 "  hint: did you mean 'node.listen'?\n");
}

TEST_CASE("an unknown section, a bare number and bad TOML are refused where they stand",
          "[apps][settings]") {
  const config_file section{"[nod]\nname = \"x\"\n"};
  CHECK(problem({{"CAUSERIE_CONFIG", section.path()}}).hint == "did you mean 'node'?");
  const config_file number{"[faults]\ndelay = 20\n"};
  CHECK(error_text(problem({{"CAUSERIE_CONFIG", number.path()}})) ==
        "error: " + number.path() +
            ":2:9: faults.delay: '20' has no unit\n"
            "  hint: say '20ms' or '20s'\n");
  const config_file broken{"[node\nname\n"};
  CHECK(problem({{"CAUSERIE_CONFIG", broken.path()}}).code == "config-malformed");
  CHECK(problem({{"CAUSERIE_CONFIG", "/nowhere/causerie.toml"}}).code == "config-unreadable");
}

TEST_CASE("a misspelt variable must not pass", "[apps][settings]") {
  const auto error = problem({{"CAUSERIE_NODE_LISTN", "127.0.0.1:1"}});
  CHECK(error.exit == exit_code::configuration);
  CHECK(error.hint == "did you mean 'CAUSERIE_NODE_LISTEN'?");
  CHECK(problem({{"CAUSERIE_CLIENT_TIMEOUT", "5"}}).message ==
        "CAUSERIE_CLIENT_TIMEOUT: '5' has no unit");
  CHECK(load({{"CAUSERIE_SEED", "7"}, {"CAUSERIE_NODE", "a"}}).text("client.node") == "a");
}

TEST_CASE("folders follow the XDG variables", "[apps][folders]") {
  CHECK(runtime_folder({{"XDG_RUNTIME_DIR", "/run/user/7"}}) == "/run/user/7/causerie");
  CHECK(runtime_folder({}).string().starts_with("/tmp/causerie-"));
  CHECK(config_folder({{"HOME", "/home/x"}}) == "/home/x/.config/causerie");
  CHECK(state_folder({{"XDG_STATE_HOME", "/s"}}) == "/s/causerie");
}

TEST_CASE("a runtime folder that others may enter is refused", "[apps][folders]") {
  const config_file place{""};
  const auto folder = std::filesystem::path{place.folder()} / "run";
  prepare_runtime_folder(folder);
  prepare_runtime_folder(folder);  // Harmless twice.
  std::filesystem::permissions(folder, std::filesystem::perms::all);
  CHECK_THROWS_AS(prepare_runtime_folder(folder), app_error);
}
