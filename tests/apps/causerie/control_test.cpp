// SPDX-License-Identifier: BSL-1.0
#include <array>
#include <filesystem>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/local/connect_pair.hpp>
#include <asio/post.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/control/control_client.hpp"
#include "apps/causerie/control/control_server.hpp"
#include "apps/causerie/control/fault_request.hpp"
#include "apps/causerie/control/requests.hpp"
#include "tests/apps/causerie/fake_node.hpp"
#include "tests/catch.hpp"

using namespace causerie;
using namespace causerie::apps;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

/// A fake node behind one end of a socket pair; the test holds the other end.
class room {
public:
  room() {
    asio::local::stream_protocol::socket served{io};
    asio::local::connect_pair(served, client);
    server.serve(std::move(served));
  }

  void write(const std::string& bytes) { asio::write(client, asio::buffer(bytes)); }
  /// Runs the server until it has written a whole line.
  json line() {
    for (int turns = 0; buffer.find('\n') == buffer.npos && turns < 1000; ++turns) {
      io.restart();
      io.poll();
      if (client.available() != 0) {
        std::array<char, 4096> bytes{};
        buffer.append(bytes.data(), client.read_some(asio::buffer(bytes)));
      }
    }
    const auto end = buffer.find('\n');
    REQUIRE(end != buffer.npos);
    const auto object = json::parse(buffer.substr(0, end));
    buffer.erase(0, end + 1);
    return object;
  }
  json ask(const json& request) {
    write(request.dump() + '\n');
    return line();
  }
  bool hung_up() {
    for (int turns = 0; turns < 100; ++turns) {
      io.restart();
      io.poll();
    }
    std::error_code error;
    char byte = 0;
    client.non_blocking(true);
    (void)client.read_some(asio::buffer(&byte, 1), error);
    return error == asio::error::eof || error == asio::error::connection_reset;
  }

  asio::io_context io;
  fake_node node{io.get_executor()};
  control_server server{io, node};
  asio::local::stream_protocol::socket client{io};
  std::string buffer;
};

}  // namespace

TEST_CASE("a request is answered under its own id", "[apps][control]") {
  room in;
  const auto reply = in.ask({{"id", 7}, {"do", "members"}});
  CHECK(reply["id"] == 7);
  CHECK(reply["answer"]["schema"] == "causerie.members/1");
  CHECK(reply["answer"]["members"][0]["name"] == "ann");
  CHECK(reply["answer"]["members"][0]["self"] == true);
  CHECK(reply["answer"]["members"][0]["health"] == 2);
  const auto bob = reply["answer"]["members"][1];
  CHECK(bob["state"] == "suspect");
  CHECK(bob["incarnation"] == "17.3");
  CHECK_FALSE(bob.contains("health"));
  CHECK(bob["suspected_by"][0]["name"] == "ann");
  CHECK(bob["suspected_by"][0]["why"] == "no answer");
  CHECK(bob["suspected_by"][1]["why"] == "refused");
  const auto status = in.ask({{"id", 8}, {"do", "status"}})["answer"];
  CHECK(status["address"] == "127.0.0.1:7450");
  CHECK(status["counters"]["link.dropped_malformed"] == "2");
}

TEST_CASE("nonsense is answered by an error and the connection goes on", "[apps][control]") {
  room in;
  in.write("not json\n");
  CHECK(in.line()["error"]["code"] == "bad-request");
  CHECK(in.ask({{"id", 1}, {"do", "dance"}})["error"]["exit"] == 2);
  CHECK(in.ask({{"id", 2}, {"do", "send"}})["error"]["message"] ==
        "control request: 'to' is missing");
  CHECK(in.ask({{"id", 3}, {"do", 5}})["error"]["code"] == "bad-request");
  CHECK(in.ask({{"id", 4}, {"do", "address"}})["answer"]["name"] == "ann");
}

TEST_CASE("a line without end ends the connection", "[apps][control]") {
  room in;
  const std::string flood(1u << 20, 'x');
  std::error_code error;
  in.client.non_blocking(true);
  for (std::size_t sent = 0; sent < control_line_bytes_max + 2 * flood.size() && !error;) {
    const auto count = in.client.write_some(asio::buffer(flood), error);
    if (error == asio::error::would_block) error.clear();
    sent += count;
    in.io.restart();
    in.io.poll();
  }
  CHECK(in.hung_up());
}

TEST_CASE("sending succeeds only when the peer has acknowledged", "[apps][control]") {
  room in;
  const auto done = in.ask({{"id", 1}, {"do", "send"}, {"to", "cid"}, {"text", "hi"}});
  CHECK(done["answer"]["outcome"] == "delivered");
  CHECK(in.node.sent == std::vector<std::string>{"hi"});
  const auto lost =
      in.ask({{"id", 2}, {"do", "send"}, {"to", "bob"}, {"text", "hi"}, {"within_ms", 200}});
  CHECK(lost["error"]["exit"] == 69);
  CHECK(lost["error"]["message"] ==
        "'bob' did not acknowledge within 200ms (never heard: suspect)");
  CHECK(lost["error"]["details"]["outcome"] == "unknown");
  CHECK(in.ask({{"id", 3}, {"do", "send"}, {"to", "eve"}, {"text", "hi"}})["error"]["code"] ==
        "peer-unknown");
  const auto which = in.ask({{"id", 4}, {"do", "send"}, {"to", "same"}, {"text", "hi"}})["error"];
  CHECK(which["code"] == "ambiguous");
  CHECK(which["exit"] == 2);
  CHECK(in.ask({{"id", 5}, {"do", "send"}, {"to", "ann"}, {"text", "hi"}})["error"]["code"] ==
        "own-name");
  CHECK(which["message"] == "the ids of several members begin with 'same'");
}

TEST_CASE("a name that no group can have is wrong usage", "[apps][control]") {
  room in;
  for (const auto& name : {std::string{}, std::string(65, 'x')})
    for (const auto* what : {"pub", "sub"}) {
      const auto error =
          in.ask({{"id", 1}, {"do", what}, {"group", name}, {"text", "hi"}})["error"];
      CHECK(error["code"] == "bad-group");
      CHECK(error["exit"] == 2);
    }
}

TEST_CASE("a killed actor's return is waited for, and a wrong name is corrected",
          "[apps][control]") {
  room in;
  CHECK(in.ask({{"id", 1}, {"do", "kill"}, {"actor", "groups/lobby"}})["answer"]["restarts"] == 1);
  CHECK(in.ask({{"id", 2}, {"do", "kill"}, {"actor", "groups/loby"}})["error"]["hint"] ==
        "did you mean 'groups/lobby'? 'causerie actors' lists all");
}

TEST_CASE("injected faults are set at run time, all of them or none", "[apps][control]") {
  room here;
  const auto bob = protocol::socket_address::v4(127, 0, 0, 1, 7451);
  net::fault_plan plan{.everywhere = {.loss = 0.25, .delay = 5ms}};
  plan.towards[bob] = {.duplicate = 0.5, .blocked = true};
  auto request = fault_plan_json(plan);
  request["id"] = 1;
  request["do"] = "faults";
  CHECK(here.ask(request)["answer"]["schema"] == "causerie.faults/1");
  CHECK(here.node.faults.everywhere == plan.everywhere);
  CHECK(here.node.faults.towards == plan.towards);
  for (const auto& wrong :
       {json{{"everywhere", {{"loss", 2}}}}, json{{"everywhere", {{"delay_ns", -1}}}},
        json{{"towards", {{"nowhere", json::object()}}}}, json{{"everywhere", 7}}}) {
    auto bad = wrong;
    bad["id"] = 2;
    bad["do"] = "faults";
    CHECK(here.ask(bad)["error"]["code"] == "bad-request");
    CHECK(here.node.faults.towards == plan.towards);
  }
  CHECK(here.ask({{"id", 3}, {"do", "clock-error"}, {"ms", -25'000}}).contains("answer"));
  CHECK(here.node.clock_error == -25s);
  CHECK(here.ask({{"id", 4}, {"do", "clock-error"}, {"ms", "much"}}).contains("error"));
  CHECK(here.ask({{"id", 5}, {"do", "disk"}, {"slow_ns", 7}, {"full", true}}).contains("answer"));
  CHECK(here.node.disk.full);
  CHECK(here.node.disk.slow == 7ns);
  CHECK(here.ask({{"id", 6}, {"do", "disk"}, {"full", "yes"}}).contains("error"));
  CHECK(here.ask({{"id", 7}, {"do", "disk"}}).contains("answer"));
  CHECK_FALSE(here.node.disk.full);
  here.node.has_journal = false;
  CHECK(here.ask({{"id", 8}, {"do", "disk"}})["error"]["code"] == "no-journal");
}

TEST_CASE("a stream gives what comes after it was opened, and ends at the asked number",
          "[apps][control]") {
  room in;
  CHECK(in.ask({{"id", 1}, {"do", "sub"}, {"group", "lobby"}, {"items_max", 2}}).contains("open"));
  in.node.happenings();
  for (const auto* text : {"one", "two", "three"}) {
    auto other = in.node.publish("lobby", text, 1s);
    asio::co_spawn(in.io, std::move(other), asio::detached);
  }
  CHECK(in.line()["item"]["text"] == "one");
  CHECK(in.line()["item"]["text"] == "two");
  CHECK(in.line()["answer"]["items"] == 2);
}

TEST_CASE("a reader that comes too late is told how much it missed", "[apps][control]") {
  room in;
  for (int i = 1; i <= 10; ++i)
    asio::co_spawn(in.io, in.node.publish("lobby", std::to_string(i), 1s), asio::detached);
  in.io.poll();
  (void)in.ask({{"id", 1}, {"do", "sub"}, {"group", "lobby"}, {"after", 0}});
  const auto skipped = in.line()["item"];
  CHECK(skipped["schema"] == "causerie.skipped/1");
  CHECK(skipped["items"] == 6);
  CHECK(in.line()["item"]["text"] == "7");
}

TEST_CASE("any input ends a stream, and the connection serves on", "[apps][control]") {
  room in;
  (void)in.ask({{"id", 1}, {"do", "watch"}});
  CHECK(in.ask({{"id", 2}, {"do", "address"}})["answer"]["name"] == "ann");
}

TEST_CASE("a watcher gets the types it asked for", "[apps][control]") {
  room in;
  (void)in.ask({{"id", 1}, {"do", "watch"}, {"types", {"member"}}});
  in.node.happenings()->push(R"({"type":"link","n":1})");
  in.node.happenings()->push(R"({"type":"member","n":2})");
  CHECK(in.line()["item"]["n"] == 2);
}

TEST_CASE("programs of this user reach a node through its socket", "[apps][control]") {
  std::string pattern = (std::filesystem::temp_directory_path() / "causerie-XXXXXX").string();
  const std::filesystem::path folder{::mkdtemp(pattern.data())};
  const auto path = socket_path(folder, "ann");
  CHECK(running_nodes(folder).empty());
  {
    asio::io_context io;
    fake_node node{io.get_executor()};
    control_server server{io, node, path};
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
    CHECK_THROWS_AS(control_server(io, node, path), app_error);  // The name is taken.
    std::thread serving{[&] { io.run(); }};
    {
      control_client client{running_nodes(folder).at(0)};
      CHECK(client.ask({{"do", "members"}}, 5s)["members"].size() == 2);
      CHECK_THROWS_AS(client.ask({{"do", "pub"}, {"group", "x"}, {"text", ""}}, 5s), app_error);
      client.open_stream({{"do", "sub"}, {"group", "lobby"}}, 5s);
      CHECK_FALSE(client.next_item(10ms));
      CHECK_FALSE(client.ended());
      control_client other{running_nodes(folder).at(0)};
      (void)other.ask({{"do", "pub"}, {"group", "lobby"}, {"text", "hello"}}, 5s);
      CHECK(client.next_item(5s).value()["text"] == "hello");
    }
    asio::post(io, [&] { server.close(); });
    serving.join();
  }
  CHECK_FALSE(std::filesystem::exists(path));
  std::filesystem::remove_all(folder);
}

TEST_CASE("a socket that a dead node left behind is removed", "[apps][control]") {
  std::string pattern = (std::filesystem::temp_directory_path() / "causerie-XXXXXX").string();
  const std::filesystem::path folder{::mkdtemp(pattern.data())};
  const auto path = socket_path(folder, "ghost");
  {
    asio::io_context io;
    asio::local::stream_protocol::acceptor dead{io, path.string()};
  }
  REQUIRE(std::filesystem::exists(path));
  CHECK(running_nodes(folder).empty());
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_THROWS_AS(socket_path(folder, "../evil"), app_error);
  CHECK_THROWS_AS(socket_path(folder, std::string(60, 'x') + std::string(60, 'y')), app_error);
  std::filesystem::remove_all(folder);
}
