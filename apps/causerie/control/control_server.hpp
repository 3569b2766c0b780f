// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <memory>

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>

#include "apps/causerie/control/node_service.hpp"

namespace causerie::apps {

/// Serves a node to this user's own programs: a UNIX stream socket (mode 0600) that takes JSON
/// Lines. `{"id":1,"do":"members"}` is answered by `{"id":1,"answer":{...}}`,
/// `{"id":1,"error":{...}}`, or, for a stream, by any number of `{"id":1,"item":{...}}` before
/// that. One request at a time per connection; any input while a stream runs ends it.
/// Bounds: connections (64), bytes in a line, and 10 s for a client to take what it asked for.
/// One thread at a time.
class control_server {
public:
  using socket = asio::local::stream_protocol::socket;

  /// Binds `path`, replacing a socket that nobody listens on. Throws app_error, exit 73, when a
  /// node already serves there or the socket cannot be made.
  control_server(asio::io_context& io, node_service& node, std::filesystem::path path);
  /// Without a socket of its own: for `serve`.
  control_server(asio::io_context& io, node_service& node);
  ~control_server();

  /// Serves one connection that is already there.
  void serve(socket connection);
  /// Accepts no more, ends every connection and removes the socket. Harmless twice.
  void close();

  struct state;

private:
  std::shared_ptr<state> state_;
};

}  // namespace causerie::apps
