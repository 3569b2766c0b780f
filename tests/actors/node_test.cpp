// SPDX-License-Identifier: BSL-1.0
#include <optional>

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

}  // namespace

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
