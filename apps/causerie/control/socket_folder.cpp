// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/control/socket_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/folders.hpp"
#include "apps/causerie/cli/nearest.hpp"

namespace causerie::apps {
namespace {

/// 0, or why nobody could be reached there.
int connect_error(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno;
  const int outcome =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
  ::close(fd);
  return outcome;
}

}  // namespace

bool is_served(const std::filesystem::path& path) {
  const auto error = connect_error(path);
  return error == 0 || error == EAGAIN;  // EAGAIN: a full queue of callers, so somebody is there.
}

std::filesystem::path socket_path(const std::filesystem::path& folder, const std::string& name) {
  const bool fit = !name.empty() && name.size() <= 64 && name[0] != '.' &&
                   name.find('/') == name.npos && name.find('\0') == name.npos;
  if (!fit)
    throw usage_error(fmt::format("'{}' cannot be a node's name", name),
                      "1 to 64 bytes, no slash, no dot in front");
  auto path = folder / (name + ".sock");
  if (path.native().size() >= sizeof(sockaddr_un::sun_path))
    throw app_error{"cannot-create", exit_code::cannot_create,
                    fmt::format("{} is too long for a socket", path.string()),
                    "a shorter XDG_RUNTIME_DIR helps"};
  return path;
}

std::vector<node_socket> running_nodes(const std::filesystem::path& folder) {
  std::vector<node_socket> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator{folder, ignored}) {
    if (entry.path().extension() != ".sock") continue;
    const auto error = connect_error(entry.path());
    if (error == ECONNREFUSED) std::filesystem::remove(entry.path(), ignored);
    if (error == 0 || error == EAGAIN)
      found.push_back({entry.path().stem().string(), entry.path()});
  }
  std::ranges::sort(found, {}, &node_socket::name);
  return found;
}

node_socket chosen_node(const settings& chosen) {
  const auto running = running_nodes(runtime_folder(chosen.variables()));
  const auto wanted = chosen.text("client.node");
  if (running.empty())
    throw app_error{"no-node", exit_code::unavailable, "no node is running for this user",
                    "start one with 'causerie node', or try 'causerie demo'",
                    "looked for: the socket of any node in the runtime folder"};
  std::vector<std::string_view> names;
  std::string list;
  for (const auto& node : running) {
    names.push_back(node.name);
    list += (list.empty() ? "" : ", ") + node.name;
  }
  if (wanted.empty()) {
    if (running.size() == 1) return running.front();
    throw app_error{"several-nodes", exit_code::usage,
                    fmt::format("{} nodes are running for this user: {}", running.size(), list),
                    fmt::format("choose one: '--node {}'", running.front().name)};
  }
  const auto found = std::ranges::find(running, wanted, &node_socket::name);
  if (found != running.end()) return *found;
  const auto near = nearest(wanted, names);
  throw app_error{"no-node", exit_code::unavailable,
                  fmt::format("no node named '{}' is running for this user", wanted),
                  near.empty() ? fmt::format("running: {}", list)
                               : fmt::format("did you mean '{}'? running: {}", near, list)};
}

}  // namespace causerie::apps
