// SPDX-License-Identifier: BSL-1.0
#include <csignal>
#include <filesystem>

#include "tests/apps/causerie/running_node.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using nlohmann::json;
using std::filesystem::perms;

TEST_CASE("nobody else can reach a node's control socket", "[apps][program][node]") {
  const causerie_home home;
  const running_node a{home, "a"};
  CHECK(a.facts()["schema"] == "causerie.node/1");
  const std::filesystem::path socket = a.facts()["socket"];
  CHECK(socket == home.folder() / "causerie/a.sock");
  CHECK(status(socket).type() == std::filesystem::file_type::socket);
  CHECK(status(socket).permissions() == (perms::owner_read | perms::owner_write));
  CHECK(status(socket.parent_path()).permissions() == perms::owner_all);
}

TEST_CASE("a taken port and a taken name end with 73", "[apps][program][node]") {
  const causerie_home home;
  const running_node a{home, "a"};
  const auto port = home.run({"node", "--name", "b", "--memory-only", "--listen", a.address()});
  CHECK(port.status == 73);
  CHECK(port.err == "error: cannot start on " + a.address() +
                        " (from --listen): Address already in use\n"
                        "  hint: port 0 takes any free port\n");
  const auto name = home.run({"node", "--name", "a", "--memory-only"});
  CHECK(name.status == 73);
  CHECK(name.err ==
        "error: a node named 'a' is already running for this user\n"
        "  hint: --name gives this one another name\n");
  CHECK(a.run({"status"}).status == 0);  // The first one has not lost its socket.
}

TEST_CASE("a node with a copy of another's journal is refused until somebody vouches for it",
          "[apps][program][node]") {
  const causerie_home home;
  const auto original = home.folder() / "original", copy = home.folder() / "copy";
  { const running_node a{home, "a", {"--data", original.string()}}; }
  std::filesystem::copy(original, copy);
  const auto refused = home.run({"node", "--name", "a", "--data", copy.string()});
  CHECK(refused.status == 73);
  CHECK(refused.err == "error: cannot begin with the journal '" + (copy / "journal.db").string() +
                           "': the journal was moved, restored or copied since its node last ran\n"
                           "  hint: --journal-moved, once, if no other copy is in use; else --data "
                           "with a folder of its own\n");
  { const running_node a{home, "a", {"--data", copy.string(), "--journal-moved"}}; }
  const running_node a{home, "a", {"--data", copy.string()}};  // Once is enough.
  CHECK(a.run({"status"}).status == 0);
}

TEST_CASE("of two processes with one key the elder ends with 77", "[apps][program][node]") {
  const causerie_home home;
  const auto original = home.folder() / "original", copy = home.folder() / "copy";
  { const running_node a{home, "a", {"--data", original.string()}}; }
  std::filesystem::copy(original, copy);
  const running_node witness{home, "witness"};
  running_node elder{home, "a", {"--data", original.string(), "--join", witness.address()}};
  const running_node younger{
      home, "b", {"--data", copy.string(), "--journal-moved", "--join", witness.address()}};
  CHECK(elder.process().wait() == 77);
  CHECK(younger.run({"status"}).status == 0);
}

TEST_CASE("a node on a local network probes twice as often, unless told how often",
          "[apps][program][node]") {
  const causerie_home home;
  const auto period_ms = [&](const std::string& name, const words& more) {
    return running_node{home, name, more}.ask({"status"})["counters"]["detector.period_ms"];
  };
  CHECK(period_ms("a", {}) == "1000");
  CHECK(period_ms("b", {"--profile", "lan"}) == "500");
  CHECK(period_ms("c", {"--profile", "lan", "--ping-interval", "2s"}) == "2000");
  CHECK(home.run({"node", "--profile", "moon"}).status == 2);
}

TEST_CASE("an address that is none ends with 78", "[apps][program][node]") {
  const causerie_home home;
  for (const auto& wrong : {words{"--listen", "nonsense"}, words{"--join", "127.0.0.1:port"}}) {
    const auto result = home.run({"node", "--memory-only", wrong[0], wrong[1]});
    CHECK(result.status == 78);
    CHECK(result.err.find("  hint: ") != std::string::npos);
  }
}

TEST_CASE("with several nodes one must be named", "[apps][program][node]") {
  const causerie_home home;
  const running_node a{home, "kite"}, b{home, "wren"};
  const auto which = home.run({"members"});
  CHECK(which.status == 2);
  CHECK(which.err ==
        "error: 2 nodes are running for this user: kite, wren\n"
        "  hint: choose one: '--node kite'\n");
  const auto unknown = home.run({"members", "--node", "kyte"});
  CHECK(unknown.status == 69);
  CHECK(unknown.err ==
        "error: no node named 'kyte' is running for this user\n"
        "  hint: did you mean 'kite'? running: kite, wren\n");
}

TEST_CASE("a node answers for what it does not know", "[apps][program][node]") {
  const causerie_home home;
  const running_node a{home, "a"};
  const auto actor = a.run({"kill", "courrier"});
  CHECK(actor.status == 1);
  CHECK(actor.err ==
        "error: no actor is called 'courrier'\n"
        "  hint: did you mean 'courier'? 'causerie actors' lists all\n");
  const auto peer = a.run({"send", "nobody", "hello", "--json"});
  CHECK(peer.status == 69);
  CHECK(json::parse(peer.err)["code"] == "peer-unknown");
  const auto self = a.run({"send", "a", "hello"});
  CHECK(self.status == 2);
  CHECK(self.err.starts_with("error: 'a' is this node itself\n"));
  const auto type = a.run({"watch", "--type", "member,snd"});
  CHECK(type.status == 2);
  CHECK(type.err == "error: --type: 'snd' is no type of event\n  hint: did you mean 'send'?\n");
  const auto file = a.run({"pub", "lobby", "--file", home.folder().string()});
  CHECK(file.status == 1);
  CHECK(file.err.starts_with("error: --file: cannot read "));
}

TEST_CASE("who gives up before a group is joined may ask again", "[apps][program][node]") {
  const causerie_home home;
  const running_node a{home, "a"};
  const auto hasty = a.run({"pub", "lobby", "too soon", "--timeout", "0s"});
  CHECK(hasty.status == 75);
  CHECK(hasty.err.find("  hint: a longer --timeout waits longer\n") != std::string::npos);
  CHECK(a.run({"pub", "lobby", "now"}).status == 0);
}

TEST_CASE("ctrl-c leaves in order, and the socket goes with the node", "[apps][program][node]") {
  const causerie_home home;
  for (const auto& [signal, status] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
    running_node a{home, "a"};
    REQUIRE(a.run({"pub", "lobby", "hello"}).status == 0);
    a.process().signal(signal);
    CHECK(a.process().wait() == status);
    CHECK(home.run({"status"}).status == 69);
    CHECK_FALSE(std::filesystem::exists(home.folder() / "causerie/a.sock"));
  }
}

TEST_CASE("a socket that a dead node left behind is in nobody's way", "[apps][program][node]") {
  const causerie_home home;
  {
    running_node a{home, "a"};
    a.process().signal(SIGKILL);
    REQUIRE(a.process().wait() == 128 + SIGKILL);
  }
  CHECK(std::filesystem::exists(home.folder() / "causerie/a.sock"));
  const running_node again{home, "a"};
  CHECK(again.alive() == 1);
}

TEST_CASE("chat says its lines to all and ends with its input", "[apps][program][node]") {
  const causerie_home home;
  const running_node a{home, "a"};
  const auto talk = a.run({"chat", "lobby"}, "hello\n/nick kite\nagain\n/who\n/wo\n");
  CHECK(talk.status == 0);
  CHECK(talk.out.find("a: hello\n") != std::string::npos);
  CHECK(talk.out.find("kite (a): again\n") != std::string::npos);
  CHECK(talk.err.find("-- a\n") != std::string::npos);
  CHECK(talk.err.find("did you mean /who?") != std::string::npos);
}
