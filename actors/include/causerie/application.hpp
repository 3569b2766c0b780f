// SPDX-License-Identifier: BSL-1.0
#pragma once

/// Applications as supervised actors of a node: one message at a time, each with a transaction.
/// What a handler does by its transaction counts when it has returned, as a whole and once; when it
/// throws, or its actor is killed meanwhile, none of it does, and the message comes again.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <asio/awaitable.hpp>

#include <causerie/causerie.hpp>

namespace causerie {

/// One message of a group and what is to come of it. Valid until the handler ends.
///
/// What a transaction does not know (what is printed, sockets of one's own) happens as often as the
/// handler begins: at least once. At most 64 sends and 1 MiB for one message; more, and it fails.
class transaction {
public:
  struct state;
  explicit transaction(std::shared_ptr<state> shared) noexcept : state_{std::move(shared)} {}

  [[nodiscard]] const causerie::message& message() const noexcept;
  /// 1, or how often the handler has tried this message, now included. Kills do not count.
  [[nodiscard]] unsigned attempt() const noexcept;

  /// A broadcast to the same group. All of a transaction's broadcasts follow one another.
  void send(shared_bytes payload);
  void send(std::string_view text) { send(shared_bytes::copy_of(text)); }
  /// A private message, sent once the transaction counts. Nobody is told its outcome.
  void whisper(node_id to, shared_bytes payload, std::string channel = "main");
  void reply(std::string_view text) { whisper(message().from_node, shared_bytes::copy_of(text)); }

  /// The application's state under a key, with what this transaction has written already. Throws
  /// std::system_error when the journal cannot be read.
  [[nodiscard]] std::optional<shared_bytes> get(const std::string& key) const;
  void put(std::string key, shared_bytes value);
  void put(std::string key, std::string_view text) {
    put(std::move(key), shared_bytes::copy_of(text));
  }
  void erase(std::string key);

private:
  std::shared_ptr<state> state_;
};

struct application_options {
  unsigned attempts_max = 3;   ///< A message that fails so often is a dead letter.
  duration send_within = 10s;  ///< How long a transaction's broadcasts may wait for room.
  /// Of state in memory. In a durable group the journal has the rest; in another one there is none,
  /// and a transaction that would need more fails.
  std::size_t state_bytes_max = 64u << 20;
};

/// A message that was given up, and why.
struct dead_letter {
  message_id id;
  protocol::cursor position = 0;
  std::string why;
};

/// An application that a node runs until it ends. Its actor is `apps/NAME`; its state and its place
/// in the stream survive that actor. In a durable group they survive the process too: sends, state
/// and place are kept in one commit. In another group they are lost with the process, state and
/// all.
class application {
public:
  /// Why it did not start: `duplicate` (there is one of this name), or the group's error.
  [[nodiscard]] std::error_code error() const noexcept { return error_; }
  [[nodiscard]] explicit operator bool() const noexcept { return !error_; }

  /// The latest 64. Each was an event of type `application` too.
  [[nodiscard]] std::vector<dead_letter> dead_letters() const;
  struct counters {
    std::uint64_t applied = 0;  ///< Messages whose transaction counts.
    std::uint64_t failed = 0;   ///< Attempts that threw, or were refused.
    std::uint64_t dead_letters = 0;
    std::uint64_t abandoned = 0;  ///< Attempts that a kill cut short.
  };
  [[nodiscard]] counters counted() const;
  /// As of the last transaction that counts.
  [[nodiscard]] result<std::optional<shared_bytes>> state_of(const std::string& key) const;

  struct state;
  application(std::shared_ptr<state> shared, std::error_code error) noexcept
      : state_{std::move(shared)}, error_{error} {}

private:
  std::shared_ptr<state> state_;
  std::error_code error_;
};

namespace detail {
using sync_handler = std::function<void(transaction&)>;
using async_handler = std::function<asio::awaitable<void>(transaction&)>;
[[nodiscard]] application start_application(node& at, std::string name, group membership,
                                            sync_handler handler,
                                            const application_options& options);
[[nodiscard]] application start_application(node& at, std::string name, group membership,
                                            async_handler handler,
                                            const application_options& options);
}  // namespace detail

/// Gives a group's messages to `handler`, one after the other: a function of a transaction, or a
/// coroutine. A function runs on its actor's thread and must not block for long; a coroutine runs
/// on the node's io_context. The membership is the application's from then on.
template <class Handler>
[[nodiscard]] application serve(node& at, std::string name, group membership, Handler handler,
                                const application_options& options = {}) {
  using answer = std::invoke_result_t<Handler&, transaction&>;
  if constexpr (std::is_same_v<answer, asio::awaitable<void>>)
    return detail::start_application(at, std::move(name), std::move(membership),
                                     detail::async_handler{std::move(handler)}, options);
  else
    return detail::start_application(at, std::move(name), std::move(membership),
                                     detail::sync_handler{std::move(handler)}, options);
}

}  // namespace causerie
