// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/control/control_server.hpp"

#include <list>

#include <sys/stat.h>

#include <fmt/format.h>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/read_until.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/json_text.hpp"
#include "apps/causerie/control/requests.hpp"
#include "apps/causerie/control/socket_folder.hpp"
#include "net/udp/as_result.hpp"

namespace causerie::apps {

using net::as_result;

namespace {

using nlohmann::json;
using namespace asio::experimental::awaitable_operators;
using asio::local::stream_protocol;
constexpr std::size_t connections_max = 64;
constexpr auto write_patience = std::chrono::seconds{10};

/// True when the client has taken all of it in time.
asio::awaitable<bool> write_all(stream_protocol::socket& to, const std::string& bytes) {
  asio::steady_timer patience{to.get_executor(), write_patience};
  const auto first = co_await (asio::async_write(to, asio::buffer(bytes), as_result) ||
                               patience.async_wait(as_result));
  co_return first.index() == 0 && !std::get<0>(std::get<0>(first));
}

/// The next line without its end; none when the client has gone or sends too long a line.
asio::awaitable<std::optional<std::string>> read_line(stream_protocol::socket& from,
                                                      std::string& buffer) {
  const auto [error, bytes] = co_await asio::async_read_until(
      from, asio::dynamic_buffer(buffer, control_line_bytes_max), '\n', as_result);
  if (error) co_return std::nullopt;
  auto line = buffer.substr(0, bytes - 1);
  buffer.erase(0, bytes);
  co_return line;
}

std::string envelope(const json& id, const char* kind, const std::string& object) {
  return fmt::format("{{\"id\":{},\"{}\":{}}}\n", json_line(id), kind, object);
}

bool wanted(const control_reply& opened, const std::string& line) {
  if (opened.types.empty()) return true;
  const auto object = json_of(line);
  return object.is_object() && opened.types.contains(object.value("type", ""));
}

/// Writes items as they come. Ends with the feed, at the asked number, or when a write fails.
asio::awaitable<void> pump(stream_protocol::socket& to, control_reply& opened, json id) {
  std::uint64_t written = 0;
  while (written < opened.items_max) {
    const auto batch = co_await opened.stream->next();
    if (batch.items.empty()) break;
    std::string bytes;
    if (batch.skipped != 0)
      bytes += envelope(
          id, "item",
          fmt::format("{{\"schema\":\"causerie.skipped/1\",\"items\":{}}}", batch.skipped));
    for (const auto& item : batch.items) {
      if (written == opened.items_max) break;
      if (!wanted(opened, item->line)) continue;
      bytes += envelope(id, "item", item->line);
      ++written;
    }
    if (!co_await write_all(to, bytes)) co_return;
  }
  co_await write_all(to, envelope(id, "answer", fmt::format("{{\"items\":{}}}", written)));
}

/// Completes as soon as the client sends something or closes.
asio::awaitable<void> until_input(stream_protocol::socket& from) {
  co_await from.async_wait(stream_protocol::socket::wait_read, as_result);
}

/// False when the connection is of no more use.
asio::awaitable<bool> answer_line(stream_protocol::socket& client, node_service& node,
                                  const std::string& line) {
  json id = nullptr;
  std::string failure;  // co_await is not allowed where exceptions are caught.
  try {
    auto request = json_of(line);
    if (request.is_object()) id = request.value("id", json{});
    auto reply = co_await perform(node, std::move(request));
    if (!reply.stream)
      co_return co_await write_all(client, envelope(id, "answer", json_line(reply.answer)));
    if (!co_await write_all(client, envelope(id, "open", "{}"))) co_return false;
    co_await (pump(client, reply, id) || until_input(client));
    co_return true;
  } catch (const app_error& error) {
    failure = json_line(error_json(error));
  } catch (const std::exception& error) {
    failure = json_line(error_json({"internal", exit_code::internal, error.what()}));
  }
  co_return co_await write_all(client, envelope(id, "error", failure));
}

}  // namespace

struct control_server::state : std::enable_shared_from_this<state> {
  state(asio::io_context& context, node_service& of) : io{context}, node{of}, acceptor{context} {}

  asio::io_context& io;
  node_service& node;
  stream_protocol::acceptor acceptor;
  std::filesystem::path path;
  std::list<socket> connections;  // Each of a running session.
  bool closed = false;

  asio::awaitable<void> session(std::list<socket>::iterator client) {
    std::string buffer;
    while (!closed) {
      const auto line = co_await read_line(*client, buffer);
      if (!line || closed || !co_await answer_line(*client, node, *line)) break;
    }
    connections.erase(client);
  }

  void start(socket connection) {
    if (closed || connections.size() >= connections_max) return;
    connections.push_back(std::move(connection));
    asio::co_spawn(
        io,
        [self = shared_from_this(), client = std::prev(connections.end())] {
          return self->session(client);
        },
        asio::detached);
  }

  asio::awaitable<void> accept_all() {
    const auto self = shared_from_this();
    while (!closed) {
      auto [error, connection] = co_await acceptor.async_accept(as_result);
      if (error == asio::error::operation_aborted) co_return;
      if (!error) {
        start(std::move(connection));
        continue;
      }
      // Out of descriptors, most likely: wait instead of spinning.
      asio::steady_timer breath{io, std::chrono::milliseconds{100}};
      co_await breath.async_wait(as_result);
    }
  }
};

control_server::control_server(asio::io_context& io, node_service& node)
    : state_{std::make_shared<state>(io, node)} {}

control_server::control_server(asio::io_context& io, node_service& node, std::filesystem::path path)
    : control_server{io, node} {
  if (is_served(path))
    throw app_error{
        "name-taken", exit_code::cannot_create,
        fmt::format("a node named '{}' is already running for this user", path.stem().string()),
        "--name gives this one another name"};
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  try {
    const auto mask = ::umask(0177);  // The socket is born with mode 0600.
    state_->acceptor.open();
    std::error_code failed;
    state_->acceptor.bind(path.string(), failed);
    ::umask(mask);
    if (failed) throw std::system_error{failed};
    state_->acceptor.listen();
  } catch (const std::system_error& error) {
    throw app_error{
        "cannot-create", exit_code::cannot_create,
        fmt::format("cannot make the control socket {}: {}", path.string(), error.code().message()),
        "XDG_RUNTIME_DIR chooses another folder"};
  }
  state_->path = std::move(path);
  asio::co_spawn(
      io, [shared = state_] { return shared->accept_all(); }, asio::detached);
}

control_server::~control_server() { close(); }

void control_server::serve(socket connection) { state_->start(std::move(connection)); }

void control_server::close() {
  if (std::exchange(state_->closed, true)) return;
  std::error_code ignored;
  state_->acceptor.close(ignored);
  for (auto& connection : state_->connections) connection.close(ignored);
  if (!state_->path.empty()) std::filesystem::remove(state_->path, ignored);
}

}  // namespace causerie::apps
