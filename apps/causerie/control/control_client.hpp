// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "apps/causerie/cli/units.hpp"
#include "apps/causerie/control/socket_folder.hpp"

namespace causerie::apps {

/// A program's end of a node's control socket. Blocking, with deadlines: a verb has nothing else
/// to do while it waits. Throws app_error for everything that goes wrong, the node's own errors
/// included.
class control_client {
public:
  explicit control_client(const node_socket& node);
  ~control_client();
  control_client(control_client&& other) noexcept;
  control_client& operator=(control_client&&) = delete;

  /// One answer. `within` travels with the request; the node gets a second more to say so.
  [[nodiscard]] nlohmann::json ask(nlohmann::json request, duration within);

  /// Asks for a stream and waits until the node has opened it.
  void open_stream(nlohmann::json request, duration within);
  /// The stream's next item, waiting up to `patience` (none: for ever). None at its end or when
  /// patience ran out; `ended` tells which.
  [[nodiscard]] std::optional<nlohmann::json> next_item(std::optional<duration> patience);
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// Becomes readable when there may be an item: for `poll`.
  [[nodiscard]] int descriptor() const noexcept { return fd_; }
  /// An item may be here already, unseen by `poll`.
  [[nodiscard]] bool has_line() const noexcept { return buffer_.find('\n') != std::string::npos; }

private:
  using deadline = std::optional<std::chrono::steady_clock::time_point>;

  void write(const std::string& bytes);
  /// None when the deadline passed.
  [[nodiscard]] std::optional<nlohmann::json> read_object(const deadline& until);
  [[nodiscard]] nlohmann::json wait_for(const char* kind, duration within);

  std::string node_;
  int fd_ = -1;
  bool ended_ = false;
  std::string buffer_;
};

}  // namespace causerie::apps
