// SPDX-License-Identifier: BSL-1.0
#include <csignal>
#include <filesystem>
#include <optional>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/control/control_client.hpp"
#include "tests/apps/causerie/running_node.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

json tell_disk(const program_home& home, const std::string& name, json faults) {
  faults["do"] = "disk";
  control_client client{{name, home.folder() / "causerie" / (name + ".sock")}};
  return client.ask(std::move(faults), 10s);
}

words durable(const program_home& home, words more = {}) {
  words all{"--durable", "--data", (home.folder() / "b-data").string()};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

TEST_CASE("a durable node that was killed goes on with its groups by itself",
          "[apps][program][durable]") {
  const causerie_home home;
  const running_node a{home, "a"};
  std::optional<running_node> b{std::in_place, home, "b", durable(home, {"--join", a.address()})};
  running_sub ears{home, a, "lobby"};
  REQUIRE(b->ask({"pub", "lobby", "before"})["group"] == "lobby");
  CHECK(ears.texts_until("b: before") == words{"b: before"});
  b->process().signal(SIGKILL);
  CHECK(b->process().wait() == 128 + SIGKILL);
  b.emplace(home, "b", durable(home, {"--join", a.address()}));
  CHECK(soon([&] { return b->is_in("lobby"); }));  // Nobody has asked for it.
  REQUIRE(b->ask({"pub", "lobby", "after"})["group"] == "lobby");
  CHECK(ears.texts_until("b: after") == words{"b: after"});
}

TEST_CASE("a full disk is an answer, and a failed one ends the node with 74",
          "[apps][program][durable]") {
  const causerie_home home;
  running_node b{home, "b", durable(home)};
  REQUIRE(b.ask({"pub", "lobby", "one"})["group"] == "lobby");
  // What was read of the last message is kept by itself, a little later. Where that meets the full
  // disk first, whoever comes then is refused, and all is tried again.
  CHECK(soon([&] {
    tell_disk(home, "b", {{"full", true}});
    // Taken before anybody knew; answered when it is kept.
    if (b.run({"pub", "lobby", "two", "--timeout", "500ms"}).status == 75) return true;
    tell_disk(home, "b", json::object());
    CHECK(soon([&] { return b.run({"pub", "lobby", "once more"}).status == 0; }));
    return false;
  }));
  const auto refused = b.run({"pub", "lobby", "three"});
  CHECK(refused.status == 74);
  CHECK(refused.err ==
        "error: group 'lobby': the disk is full\n"
        "  hint: make room on the disk of its data folder; it goes on by itself then\n");
  tell_disk(home, "b", json::object());
  CHECK(soon([&] { return b.run({"pub", "lobby", "four"}).status == 0; }));

  tell_disk(home, "b", {{"fail", true}});
  // Where the cursor of "four" meets the broken disk first, the node may be gone by now.
  const auto five = b.run({"pub", "lobby", "five"}).status;
  CHECK((five == 74 || five == 69 || five == 1));
  CHECK(b.process().wait() == 74);
  const running_node again{home, "b", durable(home)};
  CHECK(soon([&] { return again.is_in("lobby"); }));
}

TEST_CASE("who keeps nothing has no disk to break, and cannot be durable",
          "[apps][program][durable]") {
  const causerie_home home;
  const running_node a{home, "a"};
  try {
    (void)tell_disk(home, "a", {{"full", true}});
    FAIL("no error");
  } catch (const app_error& error) {
    CHECK(error.code == "no-journal");
  }
  const auto nowhere = home.run({"node", "--durable", "--memory-only"});
  CHECK(nowhere.status == 78);
  CHECK(nowhere.err ==
        "error: durable groups (from --durable) want a folder to be kept in\n"
        "  hint: --name or --data gives the node one, --memory-only takes it away\n");
}
