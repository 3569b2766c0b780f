// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/control/control_client.hpp"

#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/json_text.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;
using clock = std::chrono::steady_clock;
constexpr std::size_t line_bytes_max = 9u << 20;

app_error gone_error(const std::string& node) {
  return {"no-node", exit_code::unavailable, fmt::format("node '{}' has gone away", node),
          "'causerie status' tells which nodes run"};
}

/// Milliseconds for poll(2): -1 for ever, rounded up so that it never spins.
int poll_ms(const std::optional<clock::time_point>& until) {
  if (!until) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
}

}  // namespace

control_client::control_client(const node_socket& node) : node_{node.name} {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (node.path.native().size() >= sizeof address.sun_path) throw gone_error(node_);
  std::memcpy(address.sun_path, node.path.c_str(), node.path.native().size());
  fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ >= 0 && ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return;
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  throw gone_error(node_);
}

control_client::~control_client() {
  if (fd_ >= 0) ::close(fd_);
}

control_client::control_client(control_client&& other) noexcept
    : node_{std::move(other.node_)},
      fd_{std::exchange(other.fd_, -1)},
      ended_{other.ended_},
      buffer_{std::move(other.buffer_)} {}

json control_client::ask(json request, duration within) {
  request["id"] = 1;
  request["within_ms"] = std::chrono::ceil<std::chrono::milliseconds>(within).count();
  write(json_line(request) + '\n');
  return wait_for("answer", within);
}

void control_client::open_stream(json request, duration within) {
  request["id"] = 1;
  request["within_ms"] = std::chrono::ceil<std::chrono::milliseconds>(within).count();
  write(json_line(request) + '\n');
  (void)wait_for("open", within);
}

std::optional<json> control_client::next_item(std::optional<duration> patience) {
  const auto until = patience ? deadline{clock::now() + *patience} : deadline{};
  auto object = read_object(until);
  if (!object) return {};
  if (const auto error = object->find("error"); error != object->end())
    throw error_from_json(*error);
  if (const auto item = object->find("item"); item != object->end()) return std::move(*item);
  ended_ = true;
  return {};
}

json control_client::wait_for(const char* kind, duration within) {
  auto object = read_object(clock::now() + within + std::chrono::seconds{1});
  if (!object)
    throw app_error{"timed-out", exit_code::timed_out,
                    fmt::format("node '{}' did not answer within {}", node_, duration_text(within)),
                    "a longer --timeout waits longer"};
  if (const auto error = object->find("error"); error != object->end())
    throw error_from_json(*error);
  const auto answer = object->find(kind);
  if (answer == object->end())
    throw app_error{"internal", exit_code::internal, "the node's answer makes no sense"};
  return std::move(*answer);
}

void control_client::write(const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const auto count = ::send(fd_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw gone_error(node_);
    done += static_cast<std::size_t>(count);
  }
}

std::optional<json> control_client::read_object(const deadline& until) {
  std::size_t searched = 0;
  for (;;) {
    if (const auto end = buffer_.find('\n', searched); end != buffer_.npos) {
      auto object = json_of({buffer_.data(), end});
      buffer_.erase(0, end + 1);
      if (!object.is_object()) throw gone_error(node_);
      return object;
    }
    searched = buffer_.size();
    pollfd ready{fd_, POLLIN, 0};
    const int count = ::poll(&ready, 1, poll_ms(until));
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) return {};
    char bytes[65536];
    const auto size = ::recv(fd_, bytes, sizeof bytes, 0);
    if (size <= 0 || buffer_.size() > line_bytes_max) throw gone_error(node_);
    buffer_.append(bytes, static_cast<std::size_t>(size));
  }
}

}  // namespace causerie::apps
