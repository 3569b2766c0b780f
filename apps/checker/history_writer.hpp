// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "apps/checker/history.hpp"
#include "protocol/bytes.hpp"
#include "protocol/time.hpp"

namespace causerie::checker {

/// Writes one life's history as JSON Lines, schema `causerie.history/1`, each line by exactly one
/// write(2): what was written before a kill -9 stays written, so that a delivery of an unsent
/// message is the system's fault and never the harness's. The caller keeps the order: `send`
/// before the message is handed over, `deliver` before anything is done with it (and before it is
/// committed). One thread at a time.
class history_writer {
public:
  /// Appends to `file` (several lives of a node may share one) and writes the `start` entry.
  /// `id`: the node's id in text, by which other nodes may name it. Throws std::system_error.
  history_writer(const std::filesystem::path& file, std::string node, std::uint64_t life,
                 std::string_view id);
  ~history_writer();
  history_writer(const history_writer&) = delete;
  history_writer& operator=(const history_writer&) = delete;

  /// Any entry; `at_ns` 0 means now, by the wall clock. Throws std::system_error when the write
  /// fails or is cut short: a history with a hole proves nothing.
  void write(entry what);

  void joined(std::string_view group);
  void send(std::string_view group, std::string_view message, protocol::byte_view payload);
  void refused(std::string_view group, std::string_view message);
  /// `author`, `life`, `number`: the message's identity as the group gave it; `held`: for how long
  /// it had been here.
  void deliver(std::string_view group, std::string_view message, protocol::byte_view payload,
               std::string_view author, std::uint64_t life, std::uint64_t number,
               protocol::duration held = {});
  void gap(std::string_view group, std::vector<lost_range> ranges, std::string_view cause);
  void ended(std::string_view group, std::string_view reason);
  void private_send(std::string_view peer, std::string_view channel, std::string_view message,
                    protocol::byte_view payload);
  void private_refused(std::string_view peer, std::string_view channel, std::string_view message);
  void private_deliver(std::string_view peer, std::string_view channel, std::string_view message,
                       protocol::byte_view payload);
  /// `what`: delivered, not_sent or unknown.
  void outcome(std::string_view peer, std::string_view channel, std::string_view message,
               std::string_view what);
  void restart(std::string_view actor);
  /// This node is still there at the end of the run, and nothing is on its way to it any more.
  void finish();

private:
  std::string node_;
  std::uint64_t life_;
  int file_ = -1;
};

}  // namespace causerie::checker
