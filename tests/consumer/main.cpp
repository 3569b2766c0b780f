// SPDX-License-Identifier: BSL-1.0
// Two nodes in one process: what ann says, bob hears.
#include <cstdio>
#include <string>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include <causerie/causerie.hpp>

namespace {

asio::awaitable<void> talk(causerie::node& ann, causerie::node& bob, bool& heard) {
  auto said = co_await ann.join("lobby");
  auto lobby = co_await bob.join("lobby");
  co_await said.send("hello");
  const auto message = co_await lobby.receive();
  heard = message && message->text() == "hello" && message->from == "ann";
  co_await bob.leave();
  co_await ann.leave();
}

}  // namespace

int main() {
  asio::io_context io;
  causerie::node ann{io, {.name = "ann"}};
  causerie::node bob{io, {.name = "bob", .join = {ann.address().text()}}};
  bool heard = false;
  asio::co_spawn(io, talk(ann, bob, heard), [&](std::exception_ptr) { io.stop(); });
  io.run_for(std::chrono::seconds{30});
  std::puts(heard ? "bob heard ann" : "bob heard nothing");
  return heard ? 0 : 1;
}
