// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "actors/bridge/asio_coordinator.hpp"
#include "actors/bridge/hub.hpp"
#include "actors/bridge/wake_signal.hpp"
#include "actors/event_ring.hpp"
#include "actors/identity_store.hpp"
#include "actors/node_core.hpp"
#include "actors/watchdog.hpp"
#include "causerie/causerie.hpp"
#include "journal/faulty_store.hpp"
#include "net/fault/fault_layer.hpp"
#include "net/udp/udp_endpoint.hpp"

namespace causerie {

/// Private messages of one channel name, on their way to the coroutine that receives them.
struct private_inbox {
  explicit private_inbox(asio::any_io_executor executor) : arrived{std::move(executor)} {}
  actors::wake_signal arrived;
  std::deque<actors::channel_port::message> waiting;
  std::optional<std::pair<protocol::channel_key, std::uint64_t>> uncommitted;
  bool closed = false;  ///< The node has gone; said before `arrived` is closed.
};

/// Names of nodes for people, looked up in the member list and remembered.
class name_book {
public:
  explicit name_book(std::weak_ptr<actors::node_context> node) : node_{std::move(node)} {}
  [[nodiscard]] std::string of(const node_id& node);

private:
  std::weak_ptr<actors::node_context> node_;
  std::map<node_id, std::string> names_;
};

/// A node's parts, in the order in which they are made; they go in the opposite one.
struct node::state {
  state(asio::io_context& context, node_options given, caf::actor_system* hosts_system);
  ~state();

  asio::io_context& io;
  node_options options;
  actors::node_identity identity;
  std::shared_ptr<causerie::journal::disk_faults> journal_faults =
      std::make_shared<causerie::journal::disk_faults>();
  std::shared_ptr<actors::journal_desk> journal;  // None without a data folder.
  std::shared_ptr<actors::event_ring> events = std::make_shared<actors::event_ring>();
  net::udp_endpoint endpoint;
  net::fault_layer faults;
  std::shared_ptr<std::atomic<std::int64_t>> clock_error_ms =  // Outlived by actors' calls.
      std::make_shared<std::atomic<std::int64_t>>(0);
  caf::actor_system_config config;  // Only used for a system of our own.
  std::optional<caf::actor_system> own_system;
  caf::actor_system& system;
  actors::hub questions;
  actors::node_core core;
  std::map<std::string, std::shared_ptr<private_inbox>> inboxes;
  name_book names;
  std::optional<actors::watchdog> guard;  // Goes first: it looks at all the others.

  [[nodiscard]] protocol::instant now() const;
  /// What a group is asked to be, in whichever way it is joined.
  [[nodiscard]] protocol::group_config config_of(std::string group,
                                                 const join_options& joining) const;
  [[nodiscard]] std::shared_ptr<private_inbox> inbox_of(const std::string& channel);
};

/// A membership as its handle sees it. Outlives the node harmlessly.
struct group::state {
  state(asio::io_context& context, std::shared_ptr<actors::group_room> joined,
        std::weak_ptr<actors::node_context> node);

  asio::io_context& io;
  std::shared_ptr<actors::group_room> room;
  std::string name;
  std::error_code error;
  actors::wake_signal arrived;
  std::deque<group_event> waiting;
  protocol::cursor uncommitted = 0;  // Given out by `receive`; committed by the next one.
  std::uint64_t lost = 0;            // Declared lost since the last message.
  name_book names;

  /// Waits until an event is there; an error after the deadline or when the stream has ended.
  [[nodiscard]] asio::awaitable<std::error_code> fetch(
      std::optional<std::chrono::steady_clock::time_point> deadline);
};

}  // namespace causerie
