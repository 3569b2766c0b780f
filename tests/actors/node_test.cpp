// SPDX-License-Identifier: BSL-1.0
#include <optional>
#include <string>
#include <vector>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <causerie/causerie.hpp>

#include "tests/catch.hpp"

using namespace causerie;

namespace {

asio::awaitable<void> take_one(node& from, int& begun,
                               std::optional<result<private_message>>& taken) {
  ++begun;
  taken = co_await from.receive();
}

asio::awaitable<void> count(node& of, int& begun,
                            std::optional<std::map<std::string, std::uint64_t>>& counted) {
  ++begun;
  counted = co_await of.counters();
}

asio::awaitable<void> ask_why(node& of, std::optional<result<message_explanation>>& told,
                              std::optional<result<message_explanation>>& elsewhere) {
  auto lobby = co_await of.join("lobby");
  const auto said = co_await lobby.send("hello");
  if (!said) co_return;
  (void)co_await of.kill("groups/lobby");  // Whoever answers, the machine is the same.
  told = co_await of.why("lobby", *said);
  elsewhere = co_await of.why("kitchen", *said);
}

/// Enters, enters again, leaves and enters again, and tries names that are none.
asio::awaitable<void> enter_again(node& as, std::vector<std::error_code>& answers) {
  auto lobby = co_await as.join("lobby");
  answers.push_back(lobby.error());
  auto again = co_await as.join("lobby");
  answers.push_back(again.error());
  co_await lobby.leave();
  const std::vector<std::string> names{"lobby", "", "\xff", std::string(65, 'x')};
  for (const auto& name : names) {
    auto other = co_await as.join(name);
    answers.push_back(other.error());
  }
}

/// Says much, then lets somebody in who wants to hear of it.
asio::awaitable<void> talk_then_invite(node& ann, node& bob, retention keep,
                                       std::vector<std::string>& heard) {
  auto lobby = co_await ann.join("lobby", {.keep = keep});
  for (int i = 0; i < 200; ++i) (void)co_await lobby.send(std::to_string(i));
  auto late = co_await bob.join("lobby", {.history = history_policy::recent});
  (void)co_await lobby.send("end");
  while (heard.empty() || heard.back() != "end") {
    const auto message = co_await late.receive();
    if (!message) co_return;
    heard.emplace_back(message->text());
  }
}

std::vector<std::string> heard_of_two_hundred(const retention& keep) {
  asio::io_context io;
  node ann{io, {.name = "ann"}};
  node bob{io, {.name = "bob", .join = {ann.address().text()}}};
  std::vector<std::string> heard;
  asio::co_spawn(io, talk_then_invite(ann, bob, keep, heard),
                 [&](std::exception_ptr) { io.stop(); });
  io.run_for(std::chrono::seconds{60});
  return heard;
}

}  // namespace

TEST_CASE("a group is entered once in a life of a node, and has a name", "[actors][node]") {
  asio::io_context io;
  node ann{io, {.name = "ann"}};
  std::vector<std::error_code> answers;
  asio::co_spawn(io, enter_again(ann, answers), [&](std::exception_ptr) { io.stop(); });
  io.run_for(std::chrono::seconds{60});
  CHECK(answers == std::vector<std::error_code>{{},
                                                protocol_errc::entered_before,
                                                protocol_errc::entered_before,
                                                protocol_errc::bad_name,
                                                protocol_errc::bad_name,
                                                protocol_errc::bad_name});
}

TEST_CASE("a member keeps as much of the past as it is asked to", "[actors][node][retention]") {
  CHECK(heard_of_two_hundred({}).size() == 201);
  const auto last_ones = heard_of_two_hundred({.messages = 16});
  CHECK(last_ones.size() < 50);
  REQUIRE(last_ones.size() > 1);
  CHECK(last_ones.back() == "end");
  CHECK(last_ones[last_ones.size() - 2] == "199");
}

TEST_CASE("coroutines that wait at a node see it go", "[actors][node]") {
  asio::io_context io;
  std::optional<node> ann{std::in_place, io, node_options{.name = "ann"}};
  std::optional<result<private_message>> taken;
  std::optional<std::map<std::string, std::uint64_t>> counted;
  int begun = 0;
  asio::co_spawn(io, take_one(*ann, begun, taken), asio::detached);
  asio::co_spawn(io, count(*ann, begun, counted), asio::detached);
  while (begun < 2) io.run_one();
  ann.reset();
  io.run();
  REQUIRE(taken);
  REQUIRE_FALSE(*taken);
  CHECK(taken->error() == protocol_errc::closed);
  CHECK(counted);
}

TEST_CASE("a node counts what its socket and its faults did", "[actors][node]") {
  asio::io_context io;
  node ann{io, {.name = "ann"}};
  std::optional<std::map<std::string, std::uint64_t>> counted;
  int begun = 0;
  asio::co_spawn(io, count(ann, begun, counted), asio::detached);
  while (!counted) io.run_one();
  for (const auto* name : {"network.received", "network.dropped_truncated", "faults.lost",
                           "link.dropped_misdirected", "membership.packets_in", "channel.sent"})
    CHECK(counted->contains(name));
}

TEST_CASE("a node explains a message, whoever runs the group's machine", "[actors][node][why]") {
  asio::io_context io;
  node ann{io, {.name = "ann"}};
  std::optional<result<message_explanation>> told, elsewhere;
  asio::co_spawn(io, ask_why(ann, told, elsewhere), asio::detached);
  while (!elsewhere) io.run_one();
  REQUIRE(told);
  REQUIRE(*told);
  CHECK((*told)->what == message_explanation::fate::delivered);
  CHECK((*told)->id.sender.node == ann.id());
  REQUIRE((*told)->delivered_at);
  REQUIRE_FALSE(*elsewhere);
  CHECK(elsewhere->error() == protocol_errc::not_a_member);
}
