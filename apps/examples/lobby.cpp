// SPDX-License-Identifier: BSL-1.0
// A node in about twenty lines: join a group, say hello, print what is said.
// usage: lobby [ADDRESS-OF-A-MEMBER]
#include <causerie/causerie.hpp>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include <iostream>

asio::awaitable<void> app(causerie::node& node) {
  auto lobby = co_await node.join("lobby");
  if (auto sent = co_await lobby.send("hello from " + node.name()); !sent)
    std::cerr << "not sent: " << sent.error().message() << '\n';
  while (auto message = co_await lobby.receive())
    std::cout << message->lamport << ' ' << message->from << ": " << message->text() << std::endl;
}

int main(int argc, char** argv) {
  asio::io_context io;
  causerie::node node(io, {.join = {argv + 1, argv + argc}});
  std::cout << "listening on " << node.address().text() << std::endl;
  asio::co_spawn(io, app(node), asio::detached);
  io.run();
}
